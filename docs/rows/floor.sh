#!/bin/sh
# All rows of the floor planner beside plain PIBT: sh docs/rows/floor.sh FOLDER [LIMITS_MS]
#
# FOLDER has the League's problems of 2024 in random.domain/ and warehouse.domain/.  Limits of 100 and 300 ms
# take 40 minutes, 1000 ms takes three hours.  Rows that floor.jsonl has already are not run again.  `routing`
# must be on the path, as it is with `uv run sh docs/rows/floor.sh`.
set -eu
folder=$1 limits=${2:-100 300 1000}
rows=$(dirname "$0")/floor.jsonl
small=$folder/random.domain/random_32_32_20_100.json
large="$folder/warehouse.domain/sortation_large_2000.json $folder/warehouse.domain/warehouse_large_5000.json"

bench() { routing bench "$@" --planner peakday --planner pibt --out "$rows"; }

for limit in $limits; do
    bench "$small" --steps 500 --tick-ms "$limit"
    if [ "$limit" = 100 ]; then
        bench "$small" --robots 400 --seed 1 --steps 500 --tick-ms "$limit"
        bench "$small" --robots 700 --seed 1 --steps 500 --tick-ms "$limit"
    fi
    for problem in $large; do
        bench "$problem" --robots 10000 --seed 1 --steps 1000 --tick-ms "$limit"
    done
    if [ "$limit" != 300 ]; then
        bench "$folder/warehouse.domain/sortation_large_2000.json" --steps 2000 --tick-ms "$limit"
        bench "$folder/warehouse.domain/warehouse_large_5000.json" --steps 5000 --tick-ms "$limit"
    fi
done

python "$(dirname "$0")/floor_table.py" > "$(dirname "$0")/../results-floor.md"
