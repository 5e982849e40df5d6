#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `hullmark patch` beside Copacetic with a real BuildKit: one Debian image without its security updates, in one registry, patched by
# both, of all that is outdated and by one report. The same packages in the same versions; time, memory and layers are noted.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/debian.bash"
need copa buildkitd runc crane python3 mmdebstrap apt-get dpkg
debian_sources
root=$T/root
debian_root "$root" openssl,ca-certificates,python3-minimal 2>"$T/mmdebstrap.log" ||
	{ skip "a Debian image" "the package sources of this machine cannot be reached" && done_testing && exit; }
tool pack "$root" "$T/img"
rm -rf "$root"
free_port port
start_server registry "$port" crane registry serve --address "127.0.0.1:$port"
registry=127.0.0.1:$port
# what Copacetic runs its tools in has the name of the release
for name in app/web:v1 library/debian:stable-slim "library/debian:$(cut -d. -f1 </etc/debian_version)-slim"; do check "$name is in the registry" "$HULLMARK" copy "oci:$T/img:base" "$registry/$name" -q; done

# --- BuildKit; and what Copacetic hands its result to ---

cat >"$T/buildkitd.toml" <<END
[registry."docker.io"]
  mirrors = ["$registry"]
[registry."$registry"]
  http = true
END
mkdir "$T/bin" "$T/run"
# shellcheck disable=SC2016 # of the shell that runs it
printf '#!/bin/sh\n[ "$1" = load ] && cat >"%s"\nexit 0\n' "$T/loaded.tar" >"$T/bin/docker" && chmod 755 "$T/bin/docker"
PATH=$T/bin:$PATH
socket=$T/run/buildkitd.sock
buildkitd --root "$T/buildkit" --addr "unix://$socket" --oci-worker=true --containerd-worker=false \
	--oci-worker-snapshotter=native --oci-worker-net=host --config "$T/buildkitd.toml" >"$T/buildkitd.log" 2>&1 </dev/null &
buildkit=$!
test_pids+=("$buildkit")
check "BuildKit starts" retry 60 test -S "$socket"
peak() { awk '/^VmHWM/ { print int($2 / 1024) }' "/proc/$1/status"; }
copa_() { # TAG [OPTION...]
	rm -f "$T/loaded.tar"
	copa patch -a "unix://$socket" -i "$registry/app/web:v1" -t "$1" --timeout 15m "${@:2}" >"$T/copa.log" 2>&1 &&
		test -s "$T/loaded.tar" && return
	tail -n 12 "$T/copa.log" >&2
	return 1
}
now() { date +%s%N; }
took() { awk -v ns=$(($(now) - $1)) 'BEGIN { printf "%.1f s", ns / 1e9 }'; }

# --- all that is outdated ---

from=$(now)
check "Copacetic patches it" copa_ copa
note "Copacetic with BuildKit: $(took "$from"), BuildKit $(peak "$buildkit") MB"
from=$(now)
check "so do we" "$HULLMARK" patch "$registry/app/web:v1" --outdated --to "$registry/app/web:ours" -o json="$T/ours.json" -q
note "ours: $(took "$from")"
from=$(now)
check "Copacetic, with all of it in its cache" copa_ copa
note "Copacetic, what it fetched in its cache: $(took "$from")"
from=$(now)
check "so do we" "$HULLMARK" patch "$registry/app/web:v1" --outdated --to "$registry/app/web:ours" -o json="$T/ours.json" -q
note "ours, again: $(took "$from")"
declare -A loose=([copa]=loose [ours]='') # Copacetic's layers remove what apt has made meanwhile, and the image never had
check "what Copacetic made is pushed" crane push "$T/loaded.tar" "$registry/app/web:copa"
for name in copa ours; do
	check "$name: it is fetched" "$HULLMARK" copy "$registry/app/web:$name" "oci:$T/got-$name:x" -q
	tool unpack "$T/got-$name" x "$T/tree-$name" "${loose[$name]}"
	note "$name: the layers of the patch have $(crane manifest "$registry/app/web:$name" |
		python3 -c 'import json, sys; print(*(l["size"] for l in json.load(sys.stdin)["layers"][1:]))') bytes"
done
versions() { dpkg-query --admindir="$1/var/lib/dpkg" -W -f '${Package} ${Architecture} ${Version} ${db:Status-Status}\n' | sort; }
is "the same packages have the same versions" "$(versions "$T/tree-ours")" "$(versions "$T/tree-copa")"
is "dpkg has no complaint" "$(dpkg --root="$T/tree-ours" --audit 2>&1)" ""
is "dpkg finds the same files changed" "$(dpkg --root="$T/tree-ours" --verify 2>&1 | sort)" "$(dpkg --root="$T/tree-copa" --verify 2>&1 | sort)"
check "we find nothing outdated in Copacetic's" "$HULLMARK" patch "$registry/app/web:copa" --outdated --dry-run --to "$registry/app/web:none" -o json
is "nothing at all" "$(python3 -c 'import json, sys; print(len(json.load(sys.stdin)["changes"]))' <<<"$out")" 0

# --- one report, for both: of two packages that are outdated ---

python3 - "$T/ours.json" "${suite%%-*}" >"$T/report.json" <<'PY'
import json, sys
changes = json.load(open(sys.argv[1]))["changes"]
some = [c for c in changes if c.get("from") and c["name"] in ("openssl", "libssl3", "libc6", "libc-bin", "perl-base", "gpgv")][:2]
assert len(some) == 2, [c["name"] for c in changes]
print(json.dumps({"apiVersion": "v1alpha1", "metadata": {"os": {"type": "debian", "version": "12"}, "config": {"arch": "amd64"}},
    "updates": [{"name": c["name"], "installedVersion": c["from"], "fixedVersion": c["to"], "vulnerabilityID": "CVE-2026-%d" % (1000 + i)}
                for i, c in enumerate(some)]}))
PY
# shellcheck disable=SC2016 # of the shell that runs it
printf '#!/bin/sh\ncat "$1"\n' >"$T/bin/copa-hullmark" && chmod 755 "$T/bin/copa-hullmark"
check "Copacetic patches by a report" copa_ by-report -r "$T/report.json" -s hullmark -o "$T/copa.vex"
check "what it made is pushed" crane push "$T/loaded.tar" "$registry/app/web:copa-report"
check "we patch by the same" "$HULLMARK" patch "$registry/app/web:v1" --report "$T/report.json" --to "$registry/app/web:ours-report" --vex "openvex=$T/ours.vex" -q
for name in copa ours; do
	"$HULLMARK" copy "$registry/app/web:$name-report" "oci:$T/got-$name-report:x" -q
	tool unpack "$T/got-$name-report" x "$T/tree-$name-report" "${loose[$name]}"
done
named=$(python3 -c 'import json, sys; print(*(u["name"] for u in json.load(open(sys.argv[1]))["updates"]))' "$T/report.json")
for name in $named; do
	is "$name has the same version" "$(versions "$T/tree-ours-report" | grep "^$name ")" "$(versions "$T/tree-copa-report" | grep "^$name ")"
done
fixed() { python3 -c 'import json, sys
for s in json.load(open(sys.argv[1]))["statements"]: print(s["vulnerability"]["@id"].rsplit("/", 1)[-1] if "@id" in s["vulnerability"] else s["vulnerability"]["name"], s["status"])' "$1" | sort -u; }
note "$(head -c 1500 "$T/copa.vex")"
is "both VEX documents say the same to be fixed" "$(fixed "$T/ours.vex")" "$(fixed "$T/copa.vex")"
done_testing
