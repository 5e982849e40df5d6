# shellcheck shell=bash disable=SC2034,SC2154 # $T is lib.sh's; the rest is for whoever sources this
# SPDX-License-Identifier: Apache-2.0
#
# A Debian image without its security updates, out of this machine's own package sources; on top of lib.sh.
#
#   debian_sources          sets $base and $security, lines of sources.list, and $suite; skips everything where there are none
#   debian_root FOLDER INCLUDE
#                           makes the root by mmdebstrap, and gives it both sources
#   tool ...                tests/interop/patch-tree.py

tool() { python3 "$PROJECT/tests/interop/patch-tree.py" "$@"; }
debian_line() { awk -F '|' -v keys="$debian_keys" '{ print "deb [signed-by=" keys "] " $3 " " $4 " " $5 }'; }
debian_keys=/usr/share/keyrings/debian-archive-keyring.gpg

debian_sources() {
	local sources # "LABEL|CODENAME|URI|SUITE|COMPONENT"
	((EUID == 0)) || { skip "a Debian image" "root only" && done_testing && exit; }
	# shellcheck disable=SC2016 # of apt, not of the shell
	sources=$(apt-get indextargets --format '$(LABEL)|$(CODENAME)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)' \
		'Created-By: Packages' 'Origin: Debian' 2>/dev/null | grep '|main$' | sort -u)
	base=$(grep '^Debian|[a-z]*|' <<<"$sources" | grep -v -- '-updates|\|-backports' | head -n 1 | debian_line)
	security=$(grep '^Debian-Security|' <<<"$sources" | head -n 1 | debian_line)
	suite=$(cut -d '|' -f 2 <<<"$(grep '^Debian|' <<<"$sources" | head -n 1)")
	suite=${suite%%-*}
	[[ $base && $security && -f $debian_keys ]] && return
	skip "a Debian image" "this machine's apt names no Debian with security updates" && done_testing && exit
}

debian_root() {
	timeout 600 mmdebstrap --quiet --variant=apt --skip=cleanup/apt --dpkgopt=force-unsafe-io --include="$2" "$suite" "$1" "$base" || return
	tool forget "$1" && printf '%s\n' "$base" "$security" >"$1/etc/apt/sources.list"
}
