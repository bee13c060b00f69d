#!/bin/sh
# All rows of the results, side by side: sh docs/rows/bench.sh FOLDER [SEEDS] [SOLVERS]
#
# FOLDER has the public instances that docs/results.md lists, with their best known solutions: cvrp/ (X, Belgium)
# and roads/ (Loggi, ORTEC) from CVRPLIB, vrptw/ Homberger's (1,000 stops as CVRPLIB's .vrp, else .txt), pdptw/ Li
# and Lim's.  A seed takes an hour and a half with PyVRP and half of that without; then come, of one seed whatever
# SEEDS and SOLVERS say, ten minutes beside VROOM and OR-Tools and twenty with 100,000 and 1,000,000 stops: five
# hours for all three seeds.  Rows that road.jsonl has already are not run again.  Before it: `uv sync --extra
# peers`, then `. .venv/bin/activate`, so that `routing` is on the path.
set -eu
folder=$1 seeds=${2:-1:4} solvers=${3:-peakday,pyvrp}
rows=$(dirname "$0")/road.jsonl
made=$(mktemp -d)
trap 'rm -r "$made"' EXIT

bench() { # SECONDS FILE...
    seconds=$1
    shift
    routing bench "$@" --solvers "$solvers" --seconds "$seconds" --seeds "$seeds" --out "$rows"
}

for kind in mixed depots optional; do
    for stops in 200 500 1000; do
        routing make $kind --stops $stops --seed 1 --out "$made/$kind-$stops-1.toml"
    done
done
for kind in skills windows; do
    routing make $kind --stops 1000 --seed 2 --out "$made/$kind-1000-2.toml"
done

bench 30 "$folder"/cvrp/X-n[1-4]??-*.vrp
bench 60 "$folder"/cvrp/X-n[5-9]??-*.vrp "$folder"/cvrp/X-n1001-*.vrp
bench 120 "$folder"/cvrp/Leuven1.vrp "$folder"/cvrp/Antwerp1.vrp "$folder"/cvrp/Ghent1.vrp
bench 60 "$folder"/vrptw/*.vrp "$folder"/vrptw/*_[26]_*.txt
bench 60 "$folder"/pdptw/*.txt
bench 30 "$folder"/roads/*.vrp "$made"/mixed-*.toml "$made"/depots-*.toml "$made"/optional-*.toml
bench 60 "$made"/skills-*.toml "$made"/windows-*.toml

# beside VROOM and OR-Tools, ten files of all families
solvers=peakday,pyvrp,vroom,ortools seeds=0:1
bench 10 "$folder"/cvrp/X-n101-k25.vrp "$folder"/cvrp/X-n251-k28.vrp "$folder"/cvrp/X-n561-k42.vrp \
    "$folder"/cvrp/X-n1001-k43.vrp "$folder"/cvrp/Leuven1.vrp \
    "$folder"/vrptw/R1_10_1.vrp "$folder"/vrptw/RC2_10_1.vrp "$folder"/vrptw/r1_2_1.txt \
    "$folder"/pdptw/LC1_2_1.txt "$folder"/pdptw/LR1_2_4.txt

# very many stops, of which the others keep matrices that fit nowhere
for stops in 100000 1000000; do
    routing make clustered --stops $stops --per-tour 75 --seed 1 --out "$made/clustered-$stops-1.vrp"
done
solvers=peakday seeds=1:2
bench 180 "$made"/clustered-100000-1.vrp
bench 300 "$made"/clustered-1000000-1.vrp
for stops in 100000 1000000; do
    routing make clustered --stops $stops --per-tour 200 --seed 1 --out "$made/clustered-$stops-200-1.vrp"
done
bench 180 "$made"/clustered-100000-200-1.vrp
bench 300 "$made"/clustered-1000000-200-1.vrp

python "$(dirname "$0")/table.py" > "$(dirname "$0")/../results.md"
