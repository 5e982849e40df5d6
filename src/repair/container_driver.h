/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container_driver.h - the shell script that drives the container; for container.c only.
 *
 * It sees this machine's programs (read only), /in (read only), and three file systems in memory:
 * /r, the root; /s, its notes; /w, marks of what is gone. Each script runs in a container inside
 * this one, which sees /r alone.
 */
#ifndef REPAIR_CONTAINER_DRIVER_H
#define REPAIR_CONTAINER_DRIVER_H

#define DRIVER_HEAD                                                                                                                        \
	"set -eu\n"                                                                                                                        \
	"umask 022\n"                                                                                                                      \
	"export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"                                                                             \
	"put() {\n"                                                                                                                        \
	"	tar -tf \"$1\" --quoting-style=literal | grep -aE '(^|/)[.]wh[.]' | while IFS= read -r name; do\n"                               \
	"		b=${name##*/} d=${name%\"${name##*/}\"}\n"                                                                                      \
	"		case $b in\n"                                                                                                                   \
	"		.wh..wh..opq) find \"/r/$d\" -mindepth 1 -delete ;;\n"                                                                          \
	"		.wh.?*) rm -rf \"/r/$d${b#.wh.}\" ;;\n"                                                                                         \
	"		esac\n"                                                                                                                         \
	"	done\n"                                                                                                                          \
	"	tar -xpf \"$1\" -C /r --numeric-owner --xattrs --xattrs-include=security.capability \\\n"                                        \
	"		--anchored --exclude='dev/?*' --exclude='./dev/?*' --no-anchored --exclude='.wh.*'\n"                                           \
	"}\n"                                                                                                                              \
	"note() {\n"                                                                                                                       \
	"	find /r -xdev -printf '%P\\001%y\\001%m\\001%U:%G\\001%s\\001%C@\\001%i\\001%l\\0' | sort -z >\"/s/$1\"\n"                       \
	"}\n"                                                                                                                              \
	"inside() {\n"                                                                                                                     \
	"	bwrap --bind /r / --proc /proc --dev /dev --tmpfs /tmp --tmpfs /run --unshare-pid --unshare-ipc --unshare-uts \\\n"              \
	"		--hostname localhost --die-with-parent --clearenv --cap-drop ALL \\\n"                                                          \
	"		--cap-add CAP_CHOWN --cap-add CAP_DAC_OVERRIDE --cap-add CAP_FOWNER --cap-add CAP_FSETID \\\n"                                  \
	"		--cap-add CAP_SETUID --cap-add CAP_SETGID --cap-add CAP_SETFCAP --cap-add CAP_SYS_CHROOT \\\n"                                  \
	"		--setenv PATH /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --setenv HOME /root \\\n"                            \
	"		--setenv DEBIAN_FRONTEND noninteractive --setenv DPKG_ADMINDIR /var/lib/dpkg --setenv DPKG_ROOT '' \\\n"                        \
	"		--setenv LC_ALL C.UTF-8 --setenv DPKG_FORCE '' --setenv DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT 1 \\\n"                               \
	"		--seccomp 9 --chdir / \"$@\" </dev/null 9</in/seccomp >>/s/log 2>&1\n"                                                          \
	"}\n"                                                                                                                              \
	"failed() {\n"                                                                                                                     \
	"	printf '%s: ' \"$1\" >&2\n"                                                                                                      \
	"	tail -n 1 /s/log | tr -cd '[:print:]' | cut -c 1-300 >&2\n"                                                                      \
	"	exit 3\n"                                                                                                                        \
	"}\n" /* call FILE PACKAGE ARCH SCRIPT ARGUMENT...: FILE is in /in, or in dpkg's own                                               \
		 folder. */                                                                                                                \
	"call() {\n"                                                                                                                       \
	"	file=$1 package=$2 arch=$3 script=$4\n"                                                                                          \
	"	shift 4\n"                                                                                                                       \
	"	at=/var/lib/dpkg/info/$package.$script\n"                                                                                        \
	"	[ -e \"/r/var/lib/dpkg/info/$package:$arch.$script\" ] && at=/var/lib/dpkg/info/$package:$arch.$script\n"                        \
	"	own=\n"                                                                                                                          \
	"	if ! cmp -s \"/in/$file\" \"/r$at\"; then\n"                                                                                     \
	"		own=1 at=/var/lib/dpkg/tmp.ci/$script\n"                                                                                        \
	"		mkdir -p /r/var/lib/dpkg/tmp.ci\n"                                                                                              \
	"		cp \"/in/$file\" \"/r$at\"\n"                                                                                                   \
	"		chmod 755 \"/r$at\"\n"                                                                                                          \
	"	fi\n"                                                                                                                            \
	"	: >/s/log\n"                                                                                                                     \
	"	inside --setenv DPKG_MAINTSCRIPT_PACKAGE \"$package\" --setenv DPKG_MAINTSCRIPT_ARCH \"$arch\" \\\n"                             \
	"		--setenv DPKG_MAINTSCRIPT_NAME \"$script\" \"$at\" \"$@\" || failed \"the $script of \\\"$package\\\" ended with status $?\"\n" \
	"	[ -z \"$own\" ] || rm -rf /r/var/lib/dpkg/tmp.ci\n"                                                                              \
	"}\n"                                                                                                                              \
	"for f in /in/base.*; do put \"$f\"; done\n"                                                                                       \
	"mkdir -p /r/proc /r/dev /r/tmp /r/run\n"                                                                                          \
	"policy=\n"                                                                                                                        \
	"if [ ! -e /r/usr/sbin/policy-rc.d ] && [ ! -L /r/usr/sbin/policy-rc.d ] && [ -d /r/usr/sbin ]; then\n"                            \
	"	policy=1\n"                                                                                                                      \
	"	printf '#!/bin/sh\\nexit 101\\n' >/r/usr/sbin/policy-rc.d\n"                                                                     \
	"	chmod 755 /r/usr/sbin/policy-rc.d\n"                                                                                             \
	"fi\n"                                                                                                                             \
	"note 0\n"

#define DRIVER_MIDDLE       \
	"note 1\n"          \
	"put /in/new.tar\n" \
	"note 2\n"

#define DRIVER_TAIL                                                                                                                                                                                                                                      \
	"if [ -s /r/var/lib/dpkg/triggers/Unincorp ]; then\n"                                                                                                                                                                                            \
	"	: >/s/log\n"                                                                                                                                                                                                                                   \
	"	inside /usr/bin/dpkg --triggers-only --pending || failed 'triggers that the scripts set'\n"                                                                                                                                                    \
	"fi\n"                                                                                                                                                                                                                                           \
	"[ -z \"$policy\" ] || rm -f /r/usr/sbin/policy-rc.d\n"                                                                                                                                                                                          \
	"note 3\n"                                                                                                                                                                                                                                       \
	"for pair in '0 1' '2 3'; do\n"                                                                                                                                                                                                                  \
	"	comm -z -13 /s/${pair% *} /s/${pair#* }\n"                                                                                                                                                                                                     \
	"	comm -z -23 /s/${pair% *} /s/${pair#* }\n"                                                                                                                                                                                                     \
	"done | cut -z -d \"$(printf '\\001')\" -f 1 | sort -zu >/s/every\n" /* What no image                                                                                                                                                            \
										keeps, and what is                                                                                                                                                       \
										another each time.                                                                                                                                                       \
									      */                                                                                                                                                                         \
	"grep -zvE '^$|^(run|tmp|proc|sys|dev|var/tmp|var/cache|var/log|var/run)(/|$)|^usr/sbin/policy-rc\\.d$|(^|/)__pycache__(/|$)|^etc/\\.pwd\\.lock$|^var/lib/dpkg/([^/]*-old|lock.*|triggers/(Lock|Unincorp)|tmp\\.ci.*)$' /s/every >/s/all || :\n" \
	"find /r -xdev -mindepth 1 -printf '%P\\0' | sort -z >/s/now\n"                                                                                                                                                                                  \
	"comm -z -12 /s/all /s/now >/s/have\n"                                                                                                                                                                                                           \
	"comm -z -23 /s/all /s/now >/s/gone\n"                                                                                                                                                                                                           \
	"xargs -0 -r -n 100 sh -c 'for p; do b=${p##*/}; d=${p%\"$b\"}; mkdir -p \"/w/$d\"; : >\"/w/$d.wh.$b\"; done' sh </s/gone\n"                                                                                                                     \
	"(cd /w && find . -type f -printf '%P\\0' | sort -z) >/s/marks\n"                                                                                                                                                                                \
	"tar -cf /s/out -C /r --format=pax --numeric-owner --xattrs --xattrs-include=security.capability --hard-dereference \\\n"                                                                                                                        \
	"	--no-recursion --null --verbatim-files-from -T /s/have\n"                                                                                                                                                                                      \
	"tar -rf /s/out -C /w --format=pax --numeric-owner --no-recursion --null --verbatim-files-from -T /s/marks\n"                                                                                                                                    \
	"cat /s/out\n"

#endif
