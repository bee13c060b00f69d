#!/bin/sh
# All rows of the floor planner beside plain PIBT: sh docs/rows/floor.sh FOLDER [LIMITS_MS]
#
# FOLDER has the League's problems of 2024 in random.domain/ and warehouse.domain/.  Limits of 100 and 300 ms
# take 40 minutes, 1000 ms takes three hours.  Rows that floor.jsonl has already are not run again.  Before it:
# `. .venv/bin/activate`, so that `routing` is on the path.  Rows of one core: run it with `taskset -c 0`, then add
# `"cores": 1` to the new rows in floor.jsonl by hand.
set -eu
folder=$1 limits=${2:-100 300 1000}
rows=$(dirname "$0")/floor.jsonl
small=$folder/random.domain large=$folder/warehouse.domain

bench() { routing bench "$@" --tick-ms "$limit" --planner peakday --planner pibt --out "$rows"; }

for limit in $limits; do
    bench "$small/random_32_32_20_100.json" --steps 500
    for robots in 400 700; do # tasks of two to five errands, drawn by seed
        bench "$small/maps/random-32-32-20.map" --robots $robots --errands 2:5 --seed 1 --steps 500
    done
    for map in sortation_large warehouse_large; do # tasks from stations to shelves, drawn by seed
        bench "$large/maps/$map.map" --robots 10000 --tasks 100000 --seed 1 --steps 1000
    done
    if [ "$limit" != 300 ]; then
        bench "$large/sortation_large_2000.json" --steps 2000
        bench "$large/warehouse_large_5000.json" --steps 5000
    fi
    for problem in sortation_large_2000 warehouse_large_5000; do # the tasks of the file
        bench "$large/$problem.json" --robots 10000 --seed 1 --steps 1000
    done
done

python "$(dirname "$0")/floor_table.py" > "$(dirname "$0")/../results-floor.md"
