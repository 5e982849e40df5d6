#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What one client puts and another deletes at the same time is there as a whole, or not at all.
. "$(dirname "$0")/../lib.sh"
need python3

port=''
free_port port
start_server registry "$port" "$HULLMARK" serve --registry "127.0.0.1:$port" --data-dir "$T/data"
check "a manifest is put and deleted at the same time" python3 "$(dirname "$0")/race.py" "$port" "$T/data"
is "it is never listed without being there" "$out" "holes 0"
done_testing
