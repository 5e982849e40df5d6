/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts that are followed: what they say and do, beside dash(1) where that can tell. */
#include "unit.h"

#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "repair/apt/script.h"

/* ------------------------------------------------------------------ a small image */

static const struct {
	const char *path, *link, *content;
	enum tar_type type;
	uint32_t mode, uid, gid;
} files[] = {
	{ "bin", "usr/bin", NULL, TAR_SYMLINK, 0777, 0, 0 },
	{ "etc", NULL, NULL, TAR_DIR, 0755, 0, 0 },
	{ "etc/group", NULL, "root:x:0:\nadm:x:4:\n", TAR_FILE, 0644, 0, 0 },
	{ "etc/passwd", NULL, "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n", TAR_FILE,
	  0644, 0, 0 },
	{ "etc/list", NULL, "# first\none\n\ntwo words\n", TAR_FILE, 0644, 0, 0 },
	{ "etc/functions", NULL, "from_file() { touch /etc/from; }\n", TAR_FILE, 0644, 0, 0 },
	{ "etc/old.conf", NULL, "a=1\n", TAR_FILE, 0644, 0, 0 },
	{ "etc/empty", NULL, "", TAR_FILE, 0644, 0, 0 },
	{ "usr", NULL, NULL, TAR_DIR, 0755, 0, 0 },
	{ "usr/bin", NULL, NULL, TAR_DIR, 0755, 0, 0 },
	{ "usr/bin/tool", NULL, NULL, TAR_FILE, 0755, 0, 0 },
	{ "usr/share", NULL, NULL, TAR_DIR, 0755, 0, 0 },
	{ "usr/share/doc", "../nowhere", NULL, TAR_SYMLINK, 0777, 0, 0 },
	{ "var", NULL, NULL, TAR_DIR, 0755, 0, 0 },
	{ "var/log", NULL, NULL, TAR_DIR, 0755, 0, 0 },
	{ "var/log/web", NULL, NULL, TAR_DIR, 0755, 33, 4 },
	{ "var/lib/dpkg/alternatives/awk", NULL,
	  "auto\n/usr/bin/awk\nnawk\n/usr/bin/nawk\n\n/usr/bin/mawk\n5\n/usr/bin/mawk\n", TAR_FILE,
	  0644, 0, 0 },
	{ "usr/sbin/update-font-map", NULL,
	  "#! /bin/sh\n# all of it anew\ncat /etc/*.conf >/etc/map\n", TAR_FILE, 0755, 0, 0 },
	{ "usr/sbin/not-for-all", NULL, "#!/bin/sh\ntouch /etc/x\n", TAR_FILE, 0644, 0, 0 },
	{ "usr/bin/of-another-kind", NULL, "#!/usr/bin/perl\n", TAR_FILE, 0755, 0, 0 },
	{ "var/lib/dpkg/info/with-list.list", NULL, "/.\n/etc\n/etc/1\n/etc/2\n/usr/3\n", TAR_FILE,
	  0644, 0, 0 },
	{ "var/lib/dpkg/info/diverted.list", NULL, "/.\n/bin\n/bin/sh\n", TAR_FILE, 0644, 0, 0 },
	{ "etc/alternatives/my.cnf", "/etc/mysql/mariadb.cnf", NULL, TAR_SYMLINK, 0777, 0, 0 },
	{ "var/lib/dpkg/alternatives/my.cnf", NULL,
	  "auto\n/etc/mysql/my.cnf\n\n/etc/mysql/mariadb.cnf\n200\n/etc/mysql/my.cnf.fallback\n100\n\n",
	  TAR_FILE, 0644, 0, 0 },
	{ "var/lib/dpkg/diversions", NULL, "/bin/sh\n/bin/sh.distrib\ndash\n", TAR_FILE, 0644, 0,
	  0 },
	{ "var/lib/dpkg/triggers/menus", NULL, "menu\n", TAR_FILE, 0644, 0, 0 },
};

static void make_root(struct hm_cx *cx, struct repair_root *r)
{
	*r = (struct repair_root){ .top = hm_new(cx, struct repair_node, 1) };
	r->top->type = TAR_DIR;
	r->top->mode = 0755;
	for (size_t i = 0; i < HM_LEN(files); i++) {
		struct repair_node *n = hm_new(cx, struct repair_node, 1);
		n->path = hm_cstr(files[i].path);
		n->link = hm_cstr(files[i].link);
		n->type = files[i].type;
		n->mode = files[i].mode;
		n->uid = files[i].uid;
		n->gid = files[i].gid;
		n->is_kept = files[i].content != NULL;
		n->content = hm_cstr(files[i].content);
		n->size = n->content.n;
		hm_map_put(cx, &r->nodes, n->path, n);
	}
}

/* ------------------------------------------------------------------ as dash does it */

/* What these print is what dash prints: both are asked. */
static const struct same_case {
	const char *label, *script;
} same[] = {
	{ "as dash 1", "echo a; echo b" },
	{ "a trap at the end", "trap 'echo bye' EXIT; echo on; exit 0; echo no" },
	{ "one of its number", "trap 'echo bye' 0; trap 'echo no' INT; echo on" },
	{ "one that is taken back", "trap 'echo bye' EXIT; trap - EXIT; echo on" },
	{ "a function at the end", "end() { echo end $?; }; trap end EXIT; false" },
	{ "as dash 2", "x=1; echo $x ${x} \"$x\" '$x' \\$x" },
	{ "as dash 3", "echo ${a:-b} ${a-c} ${a:=d} $a ${a:+e} ${zz+f}." },
	{ "as dash 4", "f=/usr/share/doc/x.tar.gz; echo ${f##*/} ${f#*/} ${f%.*} ${f%%.*} ${#f}" },
	{ "as dash 5", "v=1:2.3-4; echo ${v#*:} ${v%-*} \"${v%\"-4\"}\"" },
	{ "as dash 6", "set -- a 'b c' d; echo $# \"$2\" $*; for i; do echo \"<$i>\"; done" },
	{ "as dash 7",
	  "set -- a 'b c'; for i in \"$@\"; do echo \"<$i>\"; done; for i in \"$*\"; do echo \"<$i>\"; done" },
	{ "as dash 8", "set -- a b c; shift; echo $1 $#; shift 2; echo $#" },
	{ "as dash 9", "case upgrade in install|upgrade) echo yes;; *) echo no;; esac" },
	{ "as dash 10",
	  "case abc in a?c) echo one;; esac; case 'a*' in a\\*) echo two;; a*) echo three;; esac" },
	{ "as dash 11", "case x in (y) echo y;; (x) echo x; esac" },
	{ "as dash 12", "if false; then echo 1; elif true; then echo 2; else echo 3; fi" },
	{ "as dash 13", "if ! false && true || false; then echo yes; fi" },
	{ "as dash 14", "i=x; while [ $i != xxxx ]; do echo $i; i=x$i; done" },
	{ "as dash 15", "i=; until [ \"$i\" = aa ]; do i=a$i; echo $i; done" },
	{ "as dash 16",
	  "for i in 1 2 3 4; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done" },
	{ "as dash 17", "f() { echo in $1 $#; return 3; }; f a b; echo $?" },
	{ "as dash 18", "f() { local x=2; echo $x; }; x=1; f" },
	{ "as dash 19", "x=$(echo a; echo b); echo \"$x\"; echo $x" },
	{ "as dash 20", "echo `echo \\`echo deep\\``" },
	{ "as dash 21", "echo \"a $(echo \"b $(echo 'c)')\")\"" },
	{ "as dash 22", "cat <<EOF\nx is $HOME_NOT ${y:-none} \\$z `echo q`\nEOF\necho after" },
	{ "as dash 23", "cat <<'EOF'\n$x `y`\nEOF" },
	{ "as dash 24", "cat <<-EOF\n\t\ttabs\n\tEOF\necho after" },
	{ "as dash 25", "(echo sub; x=2; exit 4); echo $? $x" },
	{ "as dash 26", "{ echo a; echo b; } | while read l; do echo \"[$l]\"; done" },
	{ "as dash 27", "printf '%s-%s\\n' a b" },
	{ "as dash 28", "echo a b c | { read x y; echo \"$y/$x\"; }" },
	{ "as dash 29", "[ -n a -a -z '' ] && echo both; [ a = b -o 1 -lt 2 ] && echo either" },
	{ "as dash 30", "[ ! -e /no/such ] && test ! -f /no/such && echo absent" },
	{ "as dash 31", "[ 3 -ge 3 ] && [ 2 -ne 3 ] && [ ! 2 -gt 3 ] && echo numbers" },
	{ "as dash 32", "[ ]; echo $?; [ x ]; echo $?; [ '' ]; echo $?; [ -z ]; echo $?" },
	{ "as dash 33", "set -e; false || echo caught; if false; then :; fi; ! true; echo on" },
	{ "as dash 34", "true && false; echo $?" },
	{ "modes that change nothing", "set -auvb; set +v; set -o xtrace; set +x; echo on" },
	{ "what is set under -u", "set -u; x=; echo \"$x\" ${y:-none} ${z+no} $# \"$@\"" },
	{ "-u, and no more",
	  "set -u; set +u; echo a $nobody; set -o nounset; set +o nounset; echo $nobody b" },
	{ "-u in a subshell", "(set -u; echo in); echo $nobody out" },
	{ "as dash 35", "eval 'echo $((1+1))' >/dev/null; eval \"x='a b'\"; echo \"$x\"" },
	{ "as dash 36", "a=1 b=2; unset a; echo ${a-unset} $b" },
	{ "as dash 37",
	  "x='a   b'; echo $x; echo \"$x\"; IFS=:; p=1:2; for i in $p; do echo $i; done" },
	{ "as dash 38", "echo one | grep -q one && echo found; echo two | grep -v one" },
	{ "as dash 39",
	  "printf 'a1\\nb2\\n' | grep '^b[0-9]$'; echo A | grep -i a; echo x | grep y || echo none" },
	{ "as dash 40", "command -v no-such-program || echo no" },
	{ "as dash 41", "basename /a/b.crt .crt; dirname /a/b; dirname x" },
	{ "as dash 42", "echo -n a; echo b # a comment\n# another\n\\\necho c" },
	{ "as dash 43", "true;\n\nfalse || \\\n  echo continued" },
	{ "as dash 44", ": ${x:=5}; echo $x" },
	{ "as dash 45", "x=\"a'b\"; echo \"$x\"; echo 'a\"b'; echo \"it's\" a\\ b" },
	{ "as dash 46",
	  "f() { for i in a b; do [ $i = b ] && return 0; echo $i; done; }; f; echo end" },
	{ "as dash 47", "while true; do echo once; break; done" },
	{ "as dash 48", "x=a; case $x in\n a)\n ;;\n b) echo b ;;\nesac; echo ok" },
	{ "as dash 49", "if [ -n \"$1\" ] && [ \"$1\" = x ]; then echo x; else echo none; fi" },
	{ "as dash 50",
	  "cat < /dev/null; echo >/dev/null; echo err 1>&2 2>/dev/null; echo out 2>&1" },
	{ "as dash 52", "cd /usr && pwd; (cd /usr/share && pwd; realpath -m -s ../x//./y); pwd" },
	{ "as dash 53", "i=1; i=$((i + 1)); echo $((i+2)) $(($i - 1)); readlink -m /usr/./share" },
	{ "as dash 54", "echo 'one two' | grep -w two; echo onetwo | grep -qw two || echo none" },
	{ "as dash 51", "echo a|tr a b >/dev/null; echo done" },
};

static void ask_dash(struct hm_cx *cx, const char *script, struct hm_str *out)
{
	int pipe_fds[2];
	assert_int_equal(pipe(pipe_fds), 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(pipe_fds[1], 1);
		close(pipe_fds[0]);
		execlp("dash", "dash", "-c", script, (char *)NULL);
		_exit(127);
	}
	close(pipe_fds[1]);
	assert_ok(hm_read_fd(cx, pipe_fds[0], "dash", HM_MIB, out));
	close(pipe_fds[0]);
}

static void as_dash(void **state)
{
	const struct same_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct shell_sink sink = { .text = HM_BUF(HM_MIB) };
	struct repair_root root;
	struct script_host host = { .native = HM_STR("amd64") };
	struct hm_str want;
	make_root(&cx, &root);
	struct shell sh = { .cx = &cx,
			    .root = &root,
			    .commands = repair_script_commands,
			    .host = &host,
			    .out = &sink };
	*hm_push(&cx, &sh.args) = (struct shell_text){ HM_STR("dash"), SHELL_KNOWN };
	assert_ok(repair_shell_run(&sh, hm_cstr(t->script)));
	assert_false(sh.is_unknown);
	assert_int_equal(sink.know, SHELL_KNOWN);
	ask_dash(&cx, t->script, &want);
	assert_str(hm_buf_str(&sink.text), want);
	hm_buf_done(&sink.text);
}

/* ------------------------------------------------------------------ what is done */

/* "EFFECT;... | DONE;... | why it is not known". Called as "postinst configure 1.0". */
static const struct effect_case {
	const char *label, *script, *want;
} effects[] = {
	{ "nothing", "exit 0", "||" },
	{ "a message", "echo hello; printf x", "||" },
	{ "a service", "invoke-rc.d x restart || true", "|services: none runs in an image|" },
	{ "a trap at the end is what it does", "trap 'mkdir /var/x' EXIT; exit 0",
	  "mkdir var/x 755||" },
	{ "one that is not known", "trap frobnicate EXIT", "||line 1: \"frobnicate\"" },
	{ "one that is perhaps set", "if [ -n \"$(date)\" ]; then trap 'mkdir /x' 0; fi",
	  "||line 1: \"trap mkdir /x 0\"" },
	{ "a folder", "mkdir -p /var/x/y", "mkdir var/x 755;mkdir var/x/y 755||" },
	{ "a folder that is there", "mkdir -p /var/log", "||" },
	{ "a folder of its own mode", "mkdir -m 700 /etc/x", "mkdir etc/x 700||" },
	{ "through a link", "ln -s tool /bin/other", "link usr/bin/other tool||" },
	{ "a link that is there", "ln -sf usr/bin /bin; ln -sfn usr/bin /bin",
	  "link usr/bin/bin usr/bin||" },
	{ "a mode", "chmod 700 /var/log/web", "mode var/log/web 700||" },
	{ "a mode that it has", "chmod 0755 /var/log/web", "||" },
	{ "an owner", "chown root:adm /var/log/web", "owner var/log/web 0:4||" },
	{ "an owner that it has", "chown www-data:adm /var/log/web", "||" },
	{ "a file removed", "rm -f /etc/old.conf /etc/none", "remove etc/old.conf||" },
	{ "a file written", "echo x > /etc/new", "write etc/new x\n||" },
	{ "a file appended to", "echo b=2 >> /etc/old.conf", "write etc/old.conf a=1\nb=2\n||" },
	{ "a file written as it is", "echo a=1 > /etc/old.conf", "||" },
	{ "a file touched", "touch /etc/new /etc/list", "write etc/new ||" },
	{ "a file moved", "mv /etc/old.conf /etc/x", "write etc/x a=1\n;remove etc/old.conf||" },
	{ "what was done is seen", "mkdir /etc/a; [ -d /etc/a ] && touch /etc/a/b",
	  "mkdir etc/a 755;write etc/a/b ||" },
	{ "the action", "[ \"$1\" = configure ] && [ \"$2\" = 1.0 ] && touch /etc/y",
	  "write etc/y ||" },
	{ "a version", "dpkg --compare-versions \"$2\" lt 2~ && touch /etc/y", "write etc/y ||" },
	{ "a version that is later", "if dpkg --compare-versions \"$2\" gt 2; then gcc; fi", "||" },
	{ "a file of the image",
	  "while read l; do [ \"$l\" = one ] && touch /etc/$l; done </etc/list || :",
	  "write etc/one ||" },
	{ "a pattern", "for f in /etc/*.conf; do rm $f; done", "remove etc/old.conf||" },
	{ "a pattern of nothing", "for f in /etc/*.none; do [ -e $f ] || continue; gcc; done",
	  "||" },
	{ "a user that is there", "adduser --system --quiet www-data", "||" },
	{ "getent", "getent passwd www-data >/dev/null || adduser --system www-data", "||" },
	{ "an alternative that is there",
	  "update-alternatives --install /usr/bin/awk awk /usr/bin/mawk 5 --slave /usr/bin/nawk nawk /usr/bin/mawk",
	  "||" },
	{ "a program that is a script, by its name", "update-font-map", "write etc/map a=1\n||" },
	{ "and by its path", "/usr/sbin/update-font-map; touch /etc/y",
	  "write etc/map a=1\n;write etc/y ||" },
	{ "grep by its long options",
	  "grep --quiet --ignore-case --line-regexp ONE /etc/list && touch /etc/y; grep --silent --fixed-strings t.o /etc/list || touch /etc/z",
	  "write etc/y ;write etc/z ||" },
	{ "behind the end of its options", "grep -q -- one /etc/list && touch /etc/y",
	  "write etc/y ||" },
	{ "sed by one substitution",
	  "x=$(echo /usr/share/postgresql/15/man/man1/psql.1.gz | sed \"s/postgresql\\/15\\///\"); touch \"$x\"",
	  "write usr/share/man/man1/psql.1.gz ||" },
	{ "a part of the match",
	  "touch /etc/$(echo psql.1.gz | sed -e 's/.*\\.\\(.*\\)\\..*/man\\1/')",
	  "write etc/man1 ||" },
	{ "all of it, and everywhere", "touch /etc/$(echo a-b-c | sed -E 's,[abc],<&>,g')",
	  "write etc/<a>-<b>-<c> ||" },
	{ "the first alone", "touch /etc/$(echo aaa | sed s/a/b/)", "write etc/baa ||" },
	{ "files of a package", "touch $(dpkg -L with-list | grep -E '/etc/.*[12]$')",
	  "write etc/1 ;write etc/2 ||" },
	{ "what an alternative is now",
	  "update-alternatives --query my.cnf | grep --quiet 'Value: /etc/mysql/mariadb.cnf' || gcc",
	  "||" },
	{ "what it is not",
	  "if ! update-alternatives --query my.cnf | grep -q '^Value: /etc/mysql/other'; then touch /etc/y; fi",
	  "write etc/y ||" },
	{ "all that is said of it",
	  "[ \"$(update-alternatives --query my.cnf)\" = 'Name: my.cnf\nLink: /etc/mysql/my.cnf\nStatus: auto\n"
	  "Best: /etc/mysql/mariadb.cnf\nValue: /etc/mysql/mariadb.cnf\n\nAlternative: /etc/mysql/mariadb.cnf\n"
	  "Priority: 200\n\nAlternative: /etc/mysql/my.cnf.fallback\nPriority: 100' ] && touch /etc/y",
	  "write etc/y ||" },
	{ "one that there is not", "update-alternatives --query vi || touch /etc/y",
	  "write etc/y ||" },
	{ "no diversion", "dpkg-divert --remove --package x /usr/bin/x", "||" },
	{ "a trigger of nobody", "dpkg-trigger --no-await none", "||" },
	{ "a conffile that went long ago",
	  "dpkg-maintscript-helper rm_conffile /etc/old.conf 0.5~ x -- \"$@\"", "||" },
	{ "debconf",
	  ". /usr/share/debconf/confmodule; db_get x/y; [ \"$RET\" ] && echo yes; db_stop",
	  "|debconf: nobody is asked|" },
	{ "bytecode",
	  "dpkg -L x | awk '{print \"__pycache__/\"}' | xargs echo | while read f; do rm -f $f; done",
	  "|bytecode of Python|" },
	{ "either way nothing", "if systemctl is-active x; then echo a; else echo b; fi",
	  "|services: none runs in an image|" },
	{ "ends perhaps", "systemctl x || exit 0; echo on", "|services: none runs in an image|" },
	{ "a failure perhaps", "systemctl x || exit 1; touch /etc/z",
	  "write etc/z |services: none runs in an image|" },
	{ "a function that has perhaps returned",
	  "f() { ss && return 0; return 0; }; f; touch /etc/z", "write etc/z ||" },
	{ "a digest", "set -- $(md5sum /etc/empty | cut -f1 -d' '); touch /etc/$1",
	  "write etc/d41d8cd98f00b204e9800998ecf8427e ||" },
	{ "who diverts", "touch /etc/$(dpkg-divert --listpackage /bin/sh)", "write etc/dash ||" },
	{ "a folder of bytecode", "rm -rf /usr/share/x/__pycache__", "|bytecode of Python|" },
	{ "a file of it that is at hand", ". /etc/functions; from_file", "write etc/from ||" },
	{ "a function", "f() { touch \"$1\"; }; f /etc/z", "write etc/z ||" },
	{ "a variable of one command", "X=1 echo; [ -z \"$X\" ] && touch /etc/z",
	  "write etc/z ||" },
	{ "the architecture", "touch /etc/$(dpkg --print-architecture)", "write etc/amd64 ||" },

	{ "a folder with all that is in it", "rm -rf /var/log; [ -e /var/log/web ] || touch /etc/z",
	  "remove var/log;write etc/z ||" },
	{ "find that deletes what it knows",
	  "find /etc -name '*.none' -delete; find /etc -maxdepth 1 -type f -name 'old.*' -delete",
	  "remove etc/old.conf||" },
	{ "what find finds", "rm $(find /etc -name old.conf)", "remove etc/old.conf||" },
	{ "letters for a mode", "chmod g+ws,o-rx /var/log/web", "mode var/log/web 2770||" },
	{ "letters for all", "chmod -R a-w /var/log", "mode var/log 555;mode var/log/web 555||" },
	{ "owners of all below", "chown -R www-data:adm /var/log", "owner var/log 33:4||" },
	{ "a group", "chgrp adm /var/log", "owner var/log 0:4||" },
	{ "folders of somebody", "install -d -m 2750 -o www-data -g adm /var/log/x",
	  "mkdir var/log/x 2750||" },
	{ "an empty file", "install --mode 600 /dev/null /etc/z", "write etc/z ||" },
	{ "who somebody is", "[ \"$(id -u www-data)\" = 33 ] && touch /etc/$(id -gn root)",
	  "write etc/root ||" },
	{ "a user's line", "getent passwd www-data | grep -q ^www-data: && touch /etc/z",
	  "write etc/z ||" },
	{ "an override",
	  "dpkg-statoverride --list /var/log/web || dpkg-statoverride --update --add root adm 2775 /var/log/web",
	  "write var/lib/dpkg/statoverride root adm 2775 /var/log/web\n;owner var/log/web 0:4;mode var/log/web 2775||" },
	{ "what somebody else asks",
	  "su -s /bin/sh www-data -c 'test -O /var/log/web' || chown www-data:adm /var/log/web",
	  "||" },
	{ "a folder at boot", "systemd-tmpfiles --create none.conf", "||" },

	{ "what somebody else does", "su www-data -c 'touch /etc/z'",
	  "||line 1: it depends on what is not known here whether \"/etc/z\" is changed" },
	{ "a capability", "setcap cap_net_rav+p /usr/bin/tool",
	  "|capabilities of programs|line 1: \"setcap cap_net_rav+p /usr/bin/tool\"" },
	{ "a command", "\ngcc x.c", "||line 2: \"gcc\"" },
	{ "a command by a name", "$CC x.c; ./x", "||line 1: \"x.c\"" },
	{ "a command that is perhaps reached", "if systemctl x; then\n gcc\nfi",
	  "|services: none runs in an image|line 2: \"gcc\"" },
	{ "an effect that depends", "if systemctl x; then touch /etc/n; fi",
	  "|services: none runs in an image|line 1: it depends on what is not known here whether "
	  "\"/etc/n\" is changed" },
	{ "an effect behind a perhaps", "systemctl x || exit 0\nrm /etc/old.conf",
	  "|services: none runs in an image|line 2: it depends on what is not known here whether "
	  "\"/etc/old.conf\" is changed" },
	{ "an effect behind a loop's perhaps",
	  "for i in a b; do ss $i && continue; rm /etc/old.conf; done",
	  "||line 1: it depends on what is not known here whether \"/etc/old.conf\" is changed" },
	{ "what a loop's perhaps leaves",
	  "x=a; for i in a b; do ss && break; x=$i; done; rm -f /etc/$x", "||line 1: \"rm -f ?\"" },
	{ "what a function perhaps returns",
	  "f() { ss && return 1; true; }; if f; then touch /etc/z; fi",
	  "||line 1: it depends on what is not known here whether \"/etc/z\" is changed" },
	{ "what a subshell perhaps ends", "( ss && exit 1; rm /etc/old.conf )",
	  "||line 1: it depends on what is not known here whether \"/etc/old.conf\" is changed" },
	{ "a name that is not known", "rm -f $(ss)", "||line 1: \"rm -f ?\"" },
	{ "what is not set", "set -u\nx=$5",
	  "||line 2: \"$5\" is not set, and \"set -u\" ends it" },
	{ "its length", "set -eu; echo ${#nobody}",
	  "||line 1: \"$nobody\" is not set, and \"set -u\" ends it" },
	{ "what perhaps must be set", "ss && set -u; set +e; ss && set +u; echo $nobody",
	  "||line 1: \"$nobody\" is not set, and \"set -u\" ends it" },
	{ "a file that must be new", "set -C; echo x >/etc/old.conf",
	  "||line 1: \"set -C\", and it writes \"/etc/old.conf\"" },
	{ "patterns that are none", "set -f; rm -f /etc/*.conf", "||line 1: \"set -f\"" },
	{ "a mode of another shell", "set -o pipefail", "||line 1: \"set -o pipefail\"" },
	{ "a failure", "set -e\nfalse", "||line 2: \"false\" fails, and the script with it" },
	{ "a removed folder of the top", "rm -rf /var", "||line 1: \"rm -rf /var\"" },
	{ "a user that is new", "adduser --system new", "||line 1: \"adduser --system new\"" },
	{ "a script that nobody may run", "not-for-all", "||line 1: \"not-for-all\"" },
	{ "a script of another program", "of-another-kind", "||line 1: \"of-another-kind\"" },
	{ "sed by what is no substitution", "echo x | sed -n 2p | grep -q x && gcc",
	  "||line 1: \"gcc\"" },
	{ "sed that matches nothing at all", "echo x | sed 's/y*/z/g' | grep -q zxz || gcc",
	  "||line 1: \"gcc\"" },
	{ "sed with two", "echo x | sed -e s/x/y/ -e s/y/z/ | grep -q z || gcc",
	  "||line 1: \"gcc\"" },
	{ "sed with a letter of its own", "echo anb | sed 's/a\\nb/x/' | grep -q anb || gcc",
	  "||line 1: \"gcc\"" },
	{ "in what it puts there", "echo a | sed 's/a/x\\ty/' | grep -q x || gcc",
	  "||line 1: \"gcc\"" },
	{ "sed with another flag", "echo x | sed s/X/y/i | grep -q y || gcc", "||line 1: \"gcc\"" },
	{ "files of which one is diverted", "dpkg -L diverted | grep -q x && gcc",
	  "||line 1: \"gcc\"" },
	{ "grep by an option that is not known", "grep --count=x one /etc/list || gcc",
	  "||line 1: \"gcc\"" },
	{ "what one with others behind it is", "update-alternatives --query awk | grep -q x || gcc",
	  "||line 1: \"gcc\"" },
	{ "an alternative that is new", "update-alternatives --install /usr/bin/vi vi /usr/bin/x 1",
	  "||line 1: \"update-alternatives --install /usr/bin/vi vi /usr/bin/x 1\"" },
	{ "a diversion", "dpkg-divert --add --package x --rename /bin/y",
	  "||line 1: \"dpkg-divert --add --package x --rename /bin/y\"" },
	{ "a trigger that is waited for", "dpkg-trigger menus",
	  "||line 1: \"dpkg-trigger menus\"" },
	{ "a conffile that goes now",
	  "dpkg-maintscript-helper rm_conffile /etc/old.conf 1.0 x -- \"$@\"",
	  "||line 1: \"dpkg-maintscript-helper rm_conffile /etc/old.conf\"" },
	{ "sed in place", "sed -i s/a/b/ /etc/old.conf", "||line 1: \"sed -i\"" },
	{ "find that deletes", "find /etc -newer x -delete", "||line 1: \"find -delete\"" },
	{ "xargs that removes", "find /etc -newer x | xargs rm -f", "||line 1: \"rm -f ?\"" },
	{ "a file of it", ". /usr/share/x/lib.sh", "||line 1: the file \"/usr/share/x/lib.sh\"" },
	{ "eval of what nobody knows", "eval \"$(ss)\"", "||line 1: eval of what is not known" },
	{ "another folder", "cd \"$(ss)\"", "||line 1: it goes to another folder" },
	{ "a pattern through a link", "cd /bin; rm t*", "remove usr/bin/tool||" },
	{ "no POSIX", "x=${y//a/b}", "||line 1: \"${y//a/b}\" is not of the POSIX shell" },
	{ "it never ends", "while :; do :; done", "^more than" },
	{ "into itself", "f() { f; }; f", "^functions in each other" },
	{ "it is not closed", "if true; then", "!where a command should be" },
	{ "a quote is not closed", "echo 'a", "!a quote has no end" },
};

static void put_effects(struct hm_buf *b, const struct shell *sh)
{
	static const char *const names[SHELL_EFFECTS] = { "mkdir", "mode",   "owner",
							  "link",  "remove", "write" };
	for (size_t i = 0; i < sh->effects.n; i++) {
		const struct shell_effect *e = &sh->effects.p[i];
		hm_buf_fmt(b, "%s%s %.*s", i ? ";" : "", names[e->type], HM_FMT(e->path));
		if (e->type == SHELL_MKDIR || e->type == SHELL_MODE)
			hm_buf_fmt(b, " %o", e->mode);
		if (e->type == SHELL_OWNER)
			hm_buf_fmt(b, " %u:%u", e->uid, e->gid);
		if (e->type == SHELL_LINK || e->type == SHELL_WRITE)
			hm_buf_fmt(b, " %.*s", HM_FMT(e->text));
	}
}

static void does(void **state)
{
	const struct effect_case *t = *state;
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	HM_AUTO_BUF got = HM_BUF(HM_MIB);
	struct repair_root root;
	struct script_host host = { .native = HM_STR("amd64") };
	hm_map_put(&cx, &host.packages, HM_STR("x"), &host);
	hm_map_put(&cx, &host.packages, HM_STR("diverted"), &host);
	make_root(&cx, &root);
	struct shell sh = { .cx = &cx,
			    .root = &root,
			    .commands = repair_script_commands,
			    .other = repair_script_other,
			    .host = &host };
	static const char *const args[] = { "postinst", "configure", "1.0" };
	for (size_t i = 0; i < HM_LEN(args); i++)
		*hm_push(&cx, &sh.args) = (struct shell_text){ hm_cstr(args[i]), SHELL_KNOWN };
	hm_err err = repair_shell_run(&sh, hm_cstr(t->script));
	if (hm_is_one_of(t->want[0], "!^")) {
		assert_fault(err, t->want[0] == '!' ? HM_INPUT : HM_LIMIT, t->want + 1);
		return;
	}
	assert_ok(err);
	put_effects(&got, &sh);
	hm_buf_char(&got, '|');
	for (size_t i = 0; i < sh.done.n; i++)
		hm_buf_fmt(&got, "%s%.*s", i ? ";" : "", HM_FMT(sh.done.p[i]));
	hm_buf_fmt(&got, "|%.*s", HM_FMT(sh.is_unknown ? sh.unknown : HM_STR("")));
	assert_strz(hm_buf_str(&got), t->want);
}

/* ------------------------------------------------------------------ the scripts of this machine */

static bool is_script(const char *name)
{
	static const char *const tails[] = { ".preinst", ".postinst", ".prerm", ".postrm" };
	for (size_t i = 0; i < HM_LEN(tails); i++)
		if (hm_ends(hm_cstr(name), hm_cstr(tails[i])))
			return true;
	return false;
}

static bool dash_accepts(const char *path)
{
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		execlp("dash", "dash", "-n", path, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* What dash accepts is accepted, and what it does not, not. */
static void installed(void **state)
{
	static const char folder[] = "/var/lib/dpkg/info";
	DIR *dir = opendir(folder);
	size_t n = 0;
	(void)state;
	for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
		HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
		struct shell_node *node;
		struct hm_str text;
		if (!is_script(e->d_name))
			continue;
		const char *path = hm_fmt(&cx, "%s/%s", folder, e->d_name).p;
		assert_ok(hm_read_file(&cx, path, HM_MAX_SCRIPT, &text));
		if (!hm_starts(text, HM_STR("#!/bin/sh")))
			continue;
		bool good = !repair_shell_parse(&cx, text, &node);
		if (good != dash_accepts(path))
			fail_msg("%s: dash says otherwise", path);
		n++;
	}
	if (dir)
		closedir(dir);
	if (!n)
		skip();
}

/* ------------------------------------------------------------------ tables */

static void check_row(struct hm_cx *cx, struct hm_map *names, const struct shell_command *c)
{
	assert_true(c->run || c->what);
	assert_false(hm_map_has(names, hm_cstr(c->name)));
	hm_map_put(cx, names, hm_cstr(c->name), names);
}

static void tables(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_map names = { 0 };
	(void)state;
	for (const struct shell_command *c = repair_shell_commands; c->name; c++)
		check_row(&cx, &names, c);
	for (const struct shell_command *c = repair_shell_texts; c->name; c++)
		check_row(&cx, &names, c);
	for (const struct shell_command *c = repair_shell_files; c->name; c++)
		check_row(&cx, &names, c);
	for (const struct shell_command *c = repair_script_commands; c->name; c++)
		check_row(&cx, &names, c);
	for (const struct shell_command *c = repair_shell_modes; c->name; c++)
		check_row(&cx, &names, c);
	for (const struct shell_command *c = repair_shell_finds; c->name; c++)
		check_row(&cx, &names, c);
	for (const struct shell_command *c = repair_shell_seds; c->name; c++)
		check_row(&cx, &names, c);
	for (const struct shell_command *c = repair_script_debconf; c->name; c++)
		check_row(&cx, &names, c);
	for (const struct shell_command *c = repair_script_pam; c->name; c++)
		check_row(&cx, &names, c);
	for (const struct shell_command *c = repair_script_system; c->name; c++)
		check_row(&cx, &names, c);
	for (const struct shell_command *c = repair_script_users; c->name; c++)
		check_row(&cx, &names, c);
}

int main(void)
{
	UNIT_TABLE(as_dash, same);
	UNIT_TABLE(does, effects);
	UNIT(installed);
	UNIT(tables);
	return unit_run("repair/shell");
}
