#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The provider's warm answers over TLS 1.3 keep-alive at 32 connections, beside a constant answer of the
# same server.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
load=$(dirname "${HULLMARK_MEASURE:-$PROJECT/build/tests/bench/measure}")/load
seconds=${HULLMARK_BENCH_SECONDS:-5}
[[ -x $load ]] || { echo "bench: $load is missing" >&2 && exit 1; }

admin_port=""
free_port admin_port
cat >"$T/hullmark.yaml" <<YAML
version: 1
admin: {listen: "127.0.0.1:$admin_port"}
YAML
gate_flags=(--config "$T/hullmark.yaml")
gate_server
"$PROJECT/tests/make-image.sh" packages "$T/images:one" zlib1g/zlib=1:1.2.13.dfsg-1 >"$T/digest"
hm release "oci:$T/images:one" --to "$registry/shop/web:1" >/dev/null
body="{\"apiVersion\":\"externaldata.gatekeeper.sh/v1beta1\",\"kind\":\"ProviderRequest\",\"request\":{\"keys\":[\"$registry/shop/web@$(<"$T/digest")\"]}}"
ask /ratify/gatekeeper/v1/verify "$body" | grep -q '"isSuccess":true' || { echo "bench: the image is not admitted" >&2 && exit 1; }

read -r constant c50 c99 bad < <("$load" 127.0.0.1 "$admin_port" 32 "$seconds" GET /healthz)
((bad == 0)) || { echo "bench: $bad bad answers" >&2 && exit 1; }
read -r warm w50 w99 bad < <("$load" 127.0.0.1 "$gate_port" 32 "$seconds" POST /ratify/gatekeeper/v1/verify "$body")
((bad == 0)) || { echo "bench: $bad bad answers" >&2 && exit 1; }
memory=$(awk '/^Pss:/ { n += $2 } END { printf "%.0f MB", n / 1024 }' "/proc/$server/smaps_rollup")
echo "gate, warm answers, 32 connections | $warm/s, p50 $w50 us, p99 $w99 us | constant answer $constant/s, p50 $c50 us, p99 $c99 us | $(awk "BEGIN { printf \"%.2f\", $warm / $constant }") (>= 0.25) | $memory"
