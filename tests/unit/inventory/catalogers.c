/* SPDX-License-Identifier: Apache-2.0 */
/* Each cataloger as a function of text: what it finds, a line each, "!" before what could not be
 * read. */
#include "inventory/cataloger.h"

#include "unit.h"

static const struct cataloger_case {
	const char *label, *cataloger, *path, *bytes;
	const char *found; /* NAME VERSION [range] [<source version] [licence;...] [depends,...] */
	const char *why;   /* of a fault */
} cases[] = {
	/* os-release */
	{ "a distribution", "os-release", "etc/os-release",
	  "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n"
	  "VERSION_CODENAME=bookworm\n",
	  "distro debian 12 bookworm\n", NULL },
	{ "single quotes and a rolling release", "os-release", "etc/os-release",
	  "ID='wolfi'\nBUILD_ID=20240101\n", "distro wolfi 20240101 \n", NULL },
	{ "an empty os-release", "os-release", "etc/os-release", "", "", NULL },
	{ "an ID that is no name", "os-release", "etc/os-release", "ID=\"a b/c\"\n",
	  "!os-release: it has no valid ID\n", NULL },

	{ "Alpine's release", "os-release", "etc/alpine-release", "3.18.2\n",
	  "distro alpine 3.18.2 \n", NULL },
	{ "an Alpine release that is none", "os-release", "etc/alpine-release", "edge!\n", "",
	  NULL },
	{ "Alpine's repositories", "os-release", "etc/apk/repositories",
	  "# comment\n@edge https://dl-cdn.alpinelinux.org/alpine/edge/testing\n"
	  "https://mirror.example/x/alpine/v3.16/community\nhttp://dl-cdn.alpinelinux.org/alpine/v3.17/main\n"
	  "http://dl-cdn.alpinelinux.org/alpine/v3.18/community\n",
	  "distro alpine 3.17 \n", NULL },
	{ "repositories that tell no release", "os-release", "etc/apk/repositories",
	  "https://mirror.example/packages\n", "", NULL },
	{ "repositories of Wolfi", "os-release", "etc/apk/repositories",
	  "https://packages.wolfi.dev/os\n", "distro wolfi  \n", NULL },
	{ "Debian's release", "os-release", "etc/debian_version", "12.5\n", "distro debian 12.5 \n",
	  NULL },
	{ "Debian's release before it is one", "os-release", "etc/debian_version", "trixie/sid\n",
	  "distro debian 13 \n", NULL },
	{ "a release of Debian that is none", "os-release", "etc/debian_version", "kali-rolling\n",
	  "", NULL },
	{ "Ubuntu's release", "os-release", "etc/lsb-release",
	  "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=14.04\nDISTRIB_CODENAME=trusty\n",
	  "distro ubuntu 14.04 trusty\n", NULL },
	{ "a release of CentOS without os-release", "os-release", "etc/centos-release",
	  "CentOS release 6.10 (Final)\n", "distro centos 6.10 \n", NULL },
	{ "a release of Red Hat", "os-release", "etc/redhat-release",
	  "Red Hat Enterprise Linux Server release 7.9 (Maipo)\n", "distro rhel 7.9 \n", NULL },
	{ "a release of nobody", "os-release", "etc/redhat-release", "release me\n", "", NULL },

	/* dpkg */
	{ "an installed package", "dpkg", "var/lib/dpkg/status",
	  "Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\nArchitecture: amd64\n"
	  "Source: glibc\nDepends: libgcc-s1, libcrypt1 (>= 1:4.4) | other:any\n",
	  "libc6 2.36-9 <glibc 2.36-9 libgcc-s1,libcrypt1,other\n", NULL },
	{ "a source with a version of its own", "dpkg", "var/lib/dpkg/status",
	  "Package: bsdutils\nStatus: install ok installed\nVersion: 1:2.38.1-5\nSource: util-linux (2.38.1-5)\n",
	  "bsdutils 1:2.38.1-5 <util-linux 2.38.1-5\n", NULL },
	{ "selected for removal, but still there", "dpkg", "var/lib/dpkg/status",
	  "Package: a\nStatus: deinstall ok installed\nVersion: 1\n", "a 1 <a 1\n", NULL },
	{ "unpacked and half installed", "dpkg", "var/lib/dpkg/status",
	  "Package: a\nStatus: install ok unpacked\nVersion: 1\n\n"
	  "Package: b\nStatus: install reinstreq half-installed\nVersion: 2\n",
	  "a 1 <a 1\nb 2 <b 2\n", NULL },
	{ "only its configuration is left", "dpkg", "var/lib/dpkg/status",
	  "Package: a\nStatus: deinstall ok config-files\nVersion: 1\n", "", NULL },
	{ "never installed", "dpkg", "var/lib/dpkg/status",
	  "Package: a\nStatus: unknown ok not-installed\n", "", NULL },
	{ "a description over lines that look like fields", "dpkg", "var/lib/dpkg/status",
	  "Package: a\nDescription: x\n Version: 9\n .\n more\nVersion: 1\n", "a 1 <a 1\n", NULL },
	{ "no version", "dpkg", "var/lib/dpkg/status", "Package: a\n\nPackage: b\nVersion: 1\n",
	  "b 1 <b 1\n!dpkg: package \"a\" has no version\n", NULL },
	{ "line breaks of another system", "dpkg", "var/lib/dpkg/status",
	  "Package: a\r\nVersion: 1\r\n\r\nPackage: b\r\nVersion: 2\r\n", "a 1 <a 1\nb 2 <b 2\n",
	  NULL },
	{ "no stanza at all", "dpkg", "var/lib/dpkg/status", "\n\n\n", "", NULL },
	{ "what is no field, as dpkg has it", "dpkg", "var/lib/dpkg/status",
	  "Package: a\nVersion: 1\n\nnonsense\n", NULL, "line 4: \"nonsense\" is not a field" },
	{ "a file that ends in the middle of a line", "dpkg", "var/lib/dpkg/status",
	  "Package: a\nVersion: 1\n\nPackage: b\nVers", NULL, "cut short" },
	{ "a package of an image without dpkg", "dpkg", "var/lib/dpkg/status.d/tzdata",
	  "Package: tzdata\nVersion: 2024a-0", "tzdata 2024a-0 <tzdata 2024a-0\n", NULL },
	{ "the digests beside it are files", "dpkg", "var/lib/dpkg/status.d/tzdata.md5sums",
	  "0123  usr/share/zoneinfo/UTC\n", "owns tzdata usr/share/zoneinfo/UTC\n", NULL },
	{ "a script beside it is nothing", "dpkg", "var/lib/dpkg/status.d/tzdata.postinst",
	  "Package: evil\nVersion: 1\n", "", NULL },
	{ "a list of files", "dpkg", "var/lib/dpkg/info/libc6:amd64.list", "/.\n/usr/lib/x\n",
	  "owns libc6 usr/lib/x\n", NULL },

	{ "licences that a machine can read", "dpkg", "usr/share/doc/libc6/copyright",
	  "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
	  "Files: *\nLicense: LGPL-2.1+\n text\n .\n License: no\n\nFiles: b\nLicense: MIT\n\nLicense: MIT\n x\n",
	  "libc6  [LGPL-2.1+;MIT]\n", NULL },
	{ "licences that it cannot", "dpkg", "usr/share/doc/libc6/copyright",
	  "This is free software.\nLicense: GPL\n", "", NULL },

	/* apk */
	{ "an Alpine package", "apk", "lib/apk/db/installed",
	  "C:Q1x\nP:libcrypto3\nV:3.1.4-r5\nA:x86_64\nL:Apache-2.0\no:openssl\n"
	  "D:so:libc.musl-x86_64.so.1 !bad x>=1\np:so:libcrypto.so.3=3\nF:opt\nR:libcrypto.so.3\n\n",
	  "libcrypto3 3.1.4-r5 <openssl 3.1.4-r5 [Apache-2.0] so:libc.musl-x86_64.so.1,x\n"
	  "owns libcrypto3 opt/libcrypto.so.3\n",
	  NULL },
	{ "two packages, the last without an empty line", "apk", "lib/apk/db/installed",
	  "P:a\nV:1\n\nP:b\nV:2\n", "a 1 <a 1\nb 2 <b 2\n", NULL },
	{ "an Alpine package without version", "apk", "lib/apk/db/installed", "P:a\n\n",
	  "!apk: package \"a\" has no version\n", NULL },
	{ "a virtual package, which `apk add --virtual` makes", "apk", "usr/lib/apk/db/installed",
	  "C:Q1x\nP:.build-deps\nV:20261124.231500\nA:noarch\nS:0\nI:0\nT:virtual meta package\n"
	  "U:\nL:\nD:gcc musl-dev>=1.2\n\n",
	  ".build-deps 20261124.231500 <.build-deps 20261124.231500 gcc,musl-dev\n", NULL },
	{ "what apk-tools 3 says more: tags, modes, broken files and scripts, repositories", "apk",
	  "usr/lib/apk/db/installed",
	  "C:Q1x\nP:a\nV:1.0_git20240101-r0\nA:aarch64\nS:1\nI:2\nt:1\nc:f\nk:100\ni:b\ng:x=y\nr:old\n"
	  "q:1\ns:edge\nf:fsxSm\nF:usr/bin\nM:0:0:1777\nR:a\na:0:0:4755\nZ:Q2x\n\n",
	  "a 1.0_git20240101-r0 <a 1.0_git20240101-r0\nowns a usr/bin/a\n", NULL },
	{ "no database of Alpine", "apk", "lib/apk/db/installed", "P:a\nasdf\n", NULL,
	  "line 2: apk: \"asdf\" is not a field" },

	{ "what dpkg had no time to say", "dpkg", "var/lib/dpkg/updates/0000", "Package: a\n", NULL,
	  "dpkg was interrupted" },
	{ "nothing more to say", "dpkg", "var/lib/dpkg/updates/0000", "", "", NULL },
	{ "what it was about to write", "dpkg", "var/lib/dpkg/updates/tmp.i", "Package: a\n", "",
	  NULL },
	/* rpm */
	{ "an SQLite database that is empty", "rpm", "var/lib/rpm/rpmdb.sqlite", "", "", NULL },
	{ "a Berkeley DB that is empty", "rpm", "var/lib/rpm/Packages", "", NULL,
	  "this is not an rpm database" },
	{ "an NDB that is empty", "rpm", "usr/lib/sysimage/rpm/Packages.db", "", NULL,
	  "this is not an rpm database" },
	{ "an rpm database of no kind", "rpm", "var/lib/rpm/Packages", "bdb", NULL,
	  "this is not an rpm database" },
	{ "an NDB that is only a head", "rpm", "var/lib/rpm/Packages.db", "RpmP", NULL,
	  "rpm: the database is cut short" },
	{ "a Berkeley DB that is only a head", "rpm", "var/lib/rpm/Packages",
	  "123456789012\x61\x15\x06\x00", NULL, "this is not an rpm database" },
	{ "an SQLite file that is only a head", "rpm", "var/lib/rpm/rpmdb.sqlite",
	  "SQLite format 3", NULL, "this is not an rpm database" },
	{ "SQLite's log that is empty", "rpm", "var/lib/rpm/rpmdb.sqlite-wal", "", "", NULL },
	{ "and one that is none", "rpm", "var/lib/rpm/rpmdb.sqlite-wal", "x", "", NULL },

	{ "Azure Linux's list of packages", "rpmmanifest",
	  "var/lib/rpmmanifest/container-manifest-2",
	  "glibc\t2.35-2.cm2\t1\t2\tMicrosoft\t(none)\t10\tx86_64\t0\tglibc-2.35-2.cm2.src.rpm\n"
	  "vim\t9.0-1.cm2\t1\t2\t(none)\t2\t4\tnoarch\t2\tvi-9.0-1.cm2.src.rpm\n"
	  "gpg-pubkey\t3135ce90-5e6fda74\t1\t2\t(none)\t(none)\t0\t(none)\t0\t(none)\n\n",
	  "glibc 2.35-2.cm2 <glibc 2.35-2.cm2\nvim 2:9.0-1.cm2 <vi 9.0-1.cm2\n"
	  "gpg-pubkey 3135ce90-5e6fda74\n",
	  NULL },
	{ "no packages at all", "rpmmanifest", "var/lib/rpmmanifest/container-manifest-2", "", "",
	  NULL },
	{ "a list of something else", "rpmmanifest", "var/lib/rpmmanifest/container-manifest-2",
	  "bogus\n", NULL, "rpmmanifest: line 1: this is not an rpm package" },
	{ "a field too few", "rpmmanifest", "var/lib/rpmmanifest/container-manifest-2",
	  "a\t1-1\t1\t2\tv\t(none)\t4\tx86_64\t0\n", NULL, "line 1: this is not an rpm package" },
	{ "a field too many", "rpmmanifest", "var/lib/rpmmanifest/container-manifest-2",
	  "a\t1-1\t1\t2\tv\t(none)\t4\tx86_64\t0\ta.src.rpm\t\n", NULL,
	  "line 1: this is not an rpm package" },
	{ "a package without name", "rpmmanifest", "var/lib/rpmmanifest/container-manifest-2",
	  "\t1-1\t1\t2\tv\t(none)\t4\tx86_64\t0\ta.src.rpm\n", NULL,
	  "line 1: this is not an rpm package" },
	{ "a package without version", "rpmmanifest", "var/lib/rpmmanifest/container-manifest-2",
	  "\na\t\t1\t2\tv\t(none)\t4\tx86_64\t0\ta.src.rpm\n", NULL,
	  "line 2: this is not an rpm package" },
	{ "an epoch that is no number", "rpmmanifest", "var/lib/rpmmanifest/container-manifest-2",
	  "a\t1-1\t1\t2\tv\t(none)\t4\tx86_64\t(none)\ta.src.rpm\n", NULL,
	  "line 1: this is not an rpm package" },
	{ "a list that is cut short", "rpmmanifest", "var/lib/rpmmanifest/container-manifest-2",
	  "a\t1-1\t1\t2\tv\t(none)\t4\tx86_64\t0\ta.src.r", NULL, "the last line is cut short" },
	{ "the list of names", "rpmmanifest", "var/lib/rpmmanifest/container-manifest-1",
	  "python3-libs.3.9.19-2.cm2.x86_64\njava-1.8.0-openjdk.1.8.0.302-1.cm2.x86_64\n"
	  "openssl-libs-1.1.1k-15.cm2.x86_64\n",
	  "python3-libs 3.9.19-2.cm2\njava-1.8.0-openjdk 1.8.0.302-1.cm2\n"
	  "openssl-libs 1.1.1k-15.cm2\n",
	  NULL },
	{ "a name alone", "rpmmanifest", "var/lib/rpmmanifest/container-manifest-1", "bogus\n",
	  NULL, "rpmmanifest: line 1: this is not an rpm package" },
	{ "a name without version", "rpmmanifest", "var/lib/rpmmanifest/container-manifest-1",
	  "a.1-1.x86_64\nbogus-1.x86_64\n", NULL, "line 2: this is not an rpm package" },
	{ "the other list under its name", "rpmmanifest",
	  "var/lib/rpmmanifest/container-manifest-1",
	  "a\t1.1-1\t1\t2\tv\t(none)\t4\tx86_64\t0\ta.src.rpm\n", NULL,
	  "line 1: this is not an rpm package" },

	/* chisel: files that are no zstd stream; the others are tried in tests/cli/sbom-chisel.sh
	 */
	{ "a wall that is empty", "chisel", "var/lib/chisel/manifest.wall", "", NULL,
	  "chisel: this is not a zstd stream" },
	{ "a wall that is not compressed", "chisel", "var/lib/chisel/manifest.wall",
	  "{\"jsonwall\":\"1.0\",\"schema\":\"1.0\",\"count\":1}\n", NULL,
	  "this is not a zstd stream" },
	{ "a wall of which only the magic is there", "chisel", "var/lib/chisel/manifest.wall",
	  "\x28\xb5\x2f\xfd", NULL, "chisel: " },

	/* npm */
	{ "an installed npm package", "npm-installed", "app/node_modules/a/package.json",
	  "{\"name\":\"a\",\"version\":\"1.0.0\",\"license\":\"MIT\",\"dependencies\":{\"b\":\"^2\"}}",
	  "a 1.0.0 [MIT] b\n", NULL },
	{ "a scope, and licences of old", "npm-installed", "node_modules/@s/a/package.json",
	  "\xef\xbb\xbf{\"name\":\"@s/a\",\"version\":\"1.0.0\",\"licenses\":[{\"type\":\"MIT\"},{\"type\":\"BSD\"}]}",
	  "@s/a 1.0.0 [MIT;BSD]\n", NULL },
	{ "space around a name and a version", "npm-installed", "node_modules/a/package.json",
	  "{\"name\":\" a \",\"version\":\" 1.0.0 \"}", "a 1.0.0\n", NULL },
	{ "no version: a folder that is no package", "npm-installed", "node_modules/a/package.json",
	  "{\"name\":\"a\"}", "", NULL },
	{ "a version that is a number", "npm-installed", "node_modules/a/package.json",
	  "{\"name\":\"a\",\"version\":1}", "", NULL },
	{ "not JSON", "npm-installed", "node_modules/a/package.json", "{name:1}", NULL,
	  "JSON: line 1" },
	{ "a lock file of version 1", "npm-lock", "package-lock.json",
	  "{\"lockfileVersion\":1,\"dependencies\":{\"a\":{\"version\":\"1.0.0\",\"requires\":{\"b\":\"^2\"},"
	  "\"dependencies\":{\"b\":{\"version\":\"2.1.0\"}}},\"b\":{\"version\":\"1.5.0\",\"dev\":true}}}",
	  "a 1.0.0 pkg:npm/b@2.1.0\nb 2.1.0\nb 1.5.0 (dev)\n", NULL },
	{ "an alias of version 1", "npm-lock", "package-lock.json",
	  "{\"dependencies\":{\"x\":{\"version\":\"npm:@s/real@3.0.0\"}}}", "@s/real 3.0.0\n",
	  NULL },
	{ "a lock file of version 3", "npm-lock", "package-lock.json",
	  "{\"lockfileVersion\":3,\"packages\":{\"\":{\"name\":\"app\",\"version\":\"9.9.9\"},"
	  "\"node_modules/a\":{\"version\":\"1.0.0\",\"dependencies\":{\"@s/b\":\"*\"}},"
	  "\"node_modules/@s/b\":{\"version\":\"2.0.0\",\"license\":\"MIT\"},"
	  "\"node_modules/w\":{\"resolved\":\"w\",\"link\":true},\"w\":{\"version\":\"0.1.0\"},"
	  "\"node_modules/alias\":{\"name\":\"real\",\"version\":\"4.0.0\",\"dev\":true}}}",
	  "a 1.0.0 pkg:npm/%40s/b@2.0.0\n@s/b 2.0.0 [MIT]\nw 0.1.0 ~file:w\nreal 4.0.0 (dev)\n",
	  NULL },
	{ "the same version in two folders is one, and not only for development", "npm-lock",
	  "package-lock.json",
	  "{\"packages\":{\"node_modules/a\":{\"version\":\"1.0.0\",\"dev\":true},"
	  "\"node_modules/b/node_modules/a\":{\"version\":\"1.0.0\"}}}",
	  "a 1.0.0\n", NULL },
	{ "an empty lock file", "npm-lock", "package-lock.json", "{}", "", NULL },
	{ "a lock file cut short", "npm-lock", "package-lock.json", "{\"packages\":{", NULL,
	  "JSON: line" },

	/* Python */
	{ "an installed Python package", "python-installed", "x/a-1.dist-info/METADATA",
	  "Metadata-Version: 2.1\nName: Requests\nVersion: 2.31.0\nLicense: Apache 2.0\n"
	  "Requires-Dist: idna (<4,>=2.5)\nRequires-Dist: PySocks (!=1.5.7) ; extra == 'socks'\n\nName: not\n",
	  "Requests 2.31.0 [Apache 2.0] idna\n", NULL },
	{ "a licence that is a classifier", "python-installed", "x/PKG-INFO",
	  "Name: a\nVersion: 1\nLicense: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\n",
	  "a 1 [MIT License]\n", NULL },
	{ "a licence's whole text is not a licence's name", "python-installed", "x/PKG-INFO",
	  "Name: a\nVersion: 1\nLicense: Copyright\n        all rights\nLicense-Expression: MIT\n",
	  "a 1 [MIT]\n", NULL },
	{ "what pip could not remove is not installed", "python-installed",
	  "x/~equests-2.31.0.dist-info/METADATA", "Name: requests\nVersion: 2.31.0\n", "", NULL },
	{ "an egg that is no zip file", "python-installed", "x/a-1-py3.6.egg",
	  "Name: a\nVersion: 1\n", NULL, "zip" },
	{ "no name", "python-installed", "x/PKG-INFO", "Version: 1\n",
	  "!python: name or version is missing\n", NULL },
	{ "nothing at all", "python-installed", "x/PKG-INFO", "",
	  "!python: name or version is missing\n", NULL },
	{ "pinned requirements", "requirements", "requirements.txt",
	  "Flask==2.0.0\nb[x,y] == 1.0 ; python_version < '3' # why\nc===1.0+local\n",
	  "Flask 2.0.0\nb 1.0\nc 1.0+local\n", NULL },
	{ "requirements that are not pinned", "requirements", "requirements.txt",
	  "a>2.0.0\nb\nc == 1.*\nd (>=1, <2)\ne~=1.0\nf @ https://example.com/f.whl\n",
	  "a  {>2.0.0}\nb \nc  {==1.*}\nd  {>=1,<2}\ne  {~=1.0}\nf  {@ https://example.com/f.whl} ~https://example.com/f.whl\n",
	  NULL },
	{ "continued lines and hashes", "requirements", "requirements.txt",
	  "a==1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n", "a 1.0\n", NULL },
	{ "options of one letter, and a last line that goes on", "requirements", "requirements.txt",
	  "a==1.0 -C x=y\nb == 2.0 --config-settings x\nc==3.0\\", "a 1.0\nb 2.0\nc 3.0\n", NULL },
	{ "a comment without a space before it", "requirements", "requirements.txt",
	  "a==1.0#why\nb @ https://example.com/b.zip#sha256=00\n",
	  "a 1.0\nb  {@ https://example.com/b.zip#sha256=00} ~https://example.com/b.zip#sha256=00\n",
	  NULL },
	{ "variables and templates are no versions", "requirements", "requirements.txt",
	  "a==${VERSION}\nb=={{ b }}\nc=='1.0'\n",
	  "a  {==${VERSION}}\nb  {=={{b}}}\nc  {=='1.0'}\n", NULL },
	{ "what is not followed", "requirements", "requirements.txt",
	  "-r other.txt\n-e .\n--index-url https://example.com/\n./local.whl\nhttps://example.com/a.whl\n",
	  "!requirements: \"-r other.txt\" is not followed\n!requirements: \"-e .\" is not followed\n"
	  "!requirements: \"./local.whl\" is skipped\n"
	  "!requirements: \"https://example.com/a.whl\" is skipped\n",
	  NULL },
	{ "requirements that are no text", "requirements", "requirements.txt",
	  "\xff\xfe"
	  "a",
	  NULL, "this is not text in UTF-8" },

	{ "requirements from elsewhere", "requirements", "requirements.txt",
	  "a @ git+https://example.com/a@v1\nb @ file:///x/b-1.0-py3-none-any.whl\n"
	  "-e git+https://example.com/c#egg=c_d&subdirectory=x\n--editable=./e#egg=e\n"
	  "./f-2.0.tar.gz\nhttps://example.com/g-3.1-py3-none-any.whl --hash=sha256:00\n"
	  "h @ https://files.pythonhosted.org/packages/ab/h-2.6.0-py2.py3-none-any.whl#sha256=00\n",
	  "a  {@ git+https://example.com/a@v1} ~git+https://example.com/a@v1\n"
	  "b 1.0 ~file:///x/b-1.0-py3-none-any.whl\n"
	  "c_d  ~git+https://example.com/c#egg=c_d&subdirectory=x\ne  ~file:./e#egg=e\n"
	  "f 2.0 ~file:./f-2.0.tar.gz\ng 3.1 ~https://example.com/g-3.1-py3-none-any.whl\nh 2.6.0\n",
	  NULL },
	{ "an application's package.json", "npm-app", "usr/src/app/package.json",
	  "{\"name\":\"shop\",\"version\":\"1.0.0\"}", "shop 1.0.0\n", NULL },
	{ "a program that was unpacked", "npm-app", "opt/yarn-v1.22.19/package.json",
	  "{\"name\":\"yarn\",\"version\":\"1.22.19\"}", "yarn 1.22.19\n", NULL },
	{ "an application that is on no registry", "npm-app", "app/package.json",
	  "{\"name\":\"shop\",\"version\":\"1.0.0\",\"private\":true}", "shop 1.0.0 ~file:.\n",
	  NULL },
	{ "an application without version", "npm-app", "app/package.json", "{\"name\":\"shop\"}",
	  "", NULL },
	{ "what lies in an installed package", "npm-app",
	  "app/node_modules/a/examples/package.json", "{\"name\":\"b\",\"version\":\"1.0.0\"}", "",
	  NULL },
	{ "an installed package is another cataloger's", "npm-app", "node_modules/a/package.json",
	  "{\"name\":\"a\",\"version\":\"1.0.0\"}", "", NULL },
	{ "a template of a package.json", "npm-app", "usr/share/x/template/package.json",
	  "{{name}}", "", NULL },
	{ "a fixture of a test, not even JSON", "npm-app", "app/test/fixtures/a/package.json", "{",
	  "", NULL },
	{ "where npm 6 says that a package came from", "npm-installed",
	  "node_modules/a/package.json",
	  "{\"name\":\"a\",\"version\":\"1.0.0\",\"_resolved\":\"git+ssh://git@example.com/a.git#01\"}",
	  "a 1.0.0 ~git+ssh://git@example.com/a.git#01\n", NULL },
	{ "where npm 6 says that it came from a registry", "npm-installed",
	  "node_modules/a/package.json",
	  "{\"name\":\"a\",\"version\":\"1.0.0\",\"_resolved\":\"https://mirror.example/a/-/a-1.0.0.tgz\"}",
	  "a 1.0.0\n", NULL },
	{ "what npm 7 installed from elsewhere", "npm-origin",
	  "app/node_modules/.package-lock.json",
	  "{\"packages\":{\"node_modules/a\":{\"version\":\"1.0.0\",\"resolved\":\"git+ssh://git@example.com/a.git#01\"},"
	  "\"node_modules/b\":{\"version\":\"2.0.0\",\"resolved\":\"https://mirror.example/b/-/b-2.0.0.tgz\"}}}",
	  "a  ~git+ssh://git@example.com/a.git#01\n", NULL },
	{ "an installed package from git", "python-origin", "x/a-1.dist-info/direct_url.json",
	  "{\"url\":\"https://example.com/a.git\",\"vcs_info\":{\"vcs\":\"git\",\"commit_id\":\"0123\"}}",
	  "a-1.dist-info  ~git+https://example.com/a.git#0123\n", NULL },
	{ "an installed package from a folder", "python-origin", "x/a-1.dist-info/direct_url.json",
	  "{\"url\":\"file:///src/a\",\"dir_info\":{\"editable\":true}}",
	  "a-1.dist-info  ~file:///src/a\n", NULL },
	{ "an installed package from a file of PyPI", "python-origin",
	  "x/a-1.dist-info/direct_url.json",
	  "{\"url\":\"https://files.pythonhosted.org/a-1-py3-none-any.whl\",\"archive_info\":{}}",
	  "", NULL },
	{ "METADATA of an egg", "python-installed", "x/a-1.egg-info/METADATA",
	  "Metadata-Version: 2.1\nName: a\nVersion: 1\n", "a 1\n", NULL },
	{ "digests beside the lists", "dpkg", "var/lib/dpkg/info/tzdata.md5sums",
	  "0123  usr/share/zoneinfo/UTC\n", "owns tzdata usr/share/zoneinfo/UTC\n", NULL },
	{ "a lock file of packages from elsewhere", "npm-lock", "package-lock.json",
	  "{\"packages\":{\"\":{\"dependencies\":{\"u\":\"https://example.com/u/-/u-1.0.0.tgz\"}},"
	  "\"node_modules/g\":{\"version\":\"1.0.0\",\"resolved\":\"git+ssh://git@github.com/x/g.git#01\"},"
	  "\"node_modules/t\":{\"version\":\"1.0.0\",\"resolved\":\"https://codeload.github.com/x/t/tar.gz/01\"},"
	  "\"node_modules/f\":{\"version\":\"1.0.0\",\"resolved\":\"file:../f.tgz\"},"
	  "\"node_modules/u\":{\"version\":\"1.0.0\",\"resolved\":\"https://example.com/u/-/u-1.0.0.tgz\"},"
	  "\"node_modules/m\":{\"version\":\"1.0.0\",\"resolved\":\"https://mirror.example/m/-/m-1.0.0.tgz\"},"
	  "\"node_modules/r\":{\"version\":\"1.0.0\"}}}",
	  "g 1.0.0 ~git+ssh://git@github.com/x/g.git#01\nt 1.0.0 ~https://codeload.github.com/x/t/tar.gz/01\n"
	  "f 1.0.0 ~file:../f.tgz\nu 1.0.0 ~https://example.com/u/-/u-1.0.0.tgz\nm 1.0.0\nr 1.0.0\n",
	  NULL },
	{ "a lock file of version 1 with packages from elsewhere", "npm-lock", "package-lock.json",
	  "{\"dependencies\":{\"g\":{\"version\":\"git+https://example.com/g.git#01\"},\"h\":{\"version\":\"github:x/h#02\"},"
	  "\"u\":{\"version\":\"https://example.com/u.tgz\"},\"f\":{\"version\":\"file:../f\"}}}",
	  "g  ~git+https://example.com/g.git#01\nh  ~git+github:x/h#02\nu  ~https://example.com/u.tgz\nf  ~file:../f\n",
	  NULL },

	/* Cargo */
	{ "a Cargo.lock of crates from elsewhere", "cargo-lock", "Cargo.lock",
	  "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n"
	  "[[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"git+https://example.com/b?rev=01#0123\"\n"
	  "[[package]]\nname = \"c\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n"
	  "[[package]]\nname = \"d\"\nversion = \"1.0.0\"\nsource = \"sparse+https://index.crates.io/\"\n"
	  "[[package]]\nname = \"e\"\nversion = \"1.0.0\"\nsource = \"sparse+https://crates.example/index/\"\n",
	  "a 1.0.0 ~path+file:.\nb 1.0.0 ~git+https://example.com/b?rev=01#0123\nc 1.0.0\nd 1.0.0\n"
	  "e 1.0.0 ~sparse+https://crates.example/index/\n",
	  NULL },
	{ "a Cargo.lock", "cargo-lock", "Cargo.lock",
	  "version = 3\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n"
	  "dependencies = [\n \"memchr 1.0.2\",\n \"regex\",\n]\n[[package]]\nname = \"memchr\"\nversion = \"1.0.2\"\n"
	  "[[package]]\nname = \"memchr\"\nversion = \"2.0.0\"\n[[package]]\nname = \"regex\"\nversion = \"1.0.0\"\n"
	  "dependencies = [\"memchr 2.0.0 (registry+https://x)\"]\n",
	  "app 0.1.0 ~path+file:. pkg:cargo/memchr@1.0.2,pkg:cargo/regex@1.0.0\nmemchr 1.0.2 ~path+file:.\nmemchr 2.0.0 ~path+file:.\n"
	  "regex 1.0.0 ~path+file:. pkg:cargo/memchr@2.0.0\n",
	  NULL },
	{ "a Cargo.lock without packages", "cargo-lock", "Cargo.lock", "version = 3\n", "", NULL },
	{ "a package without version", "cargo-lock", "Cargo.lock", "[[package]]\nname = \"a\"\n",
	  NULL, "\"version\" is missing" },
	{ "not TOML", "cargo-lock", "Cargo.lock", "{}", NULL, "TOML: line 1" },

	{ "what a Cargo.toml says is for development only", "cargo-manifest", "Cargo.toml",
	  "[package]\nname=\"app\"\n[dependencies]\nboth=\"1\"\n[dev-dependencies]\nboth=\"1\"\n"
	  "x={package=\"real\",version=\"1\"}\n[target.'cfg(unix)'.dev-dependencies]\ny=\"1\"\n",
	  "app  real,y\n", NULL },
	{ "a Cargo.toml of a workspace", "cargo-manifest", "Cargo.toml",
	  "[workspace]\nmembers=[]\n", "", NULL },
	{ "a Cargo.toml that is none", "cargo-manifest", "Cargo.toml", "[package\n", NULL,
	  "TOML: line 1" },

	/* Go and Java: what is not there; what is, below */
	{ "a program that is none", "cargo-auditable", "usr/bin/x", "#!/bin/sh\n", "", NULL },
	{ "no build information", "go", "bin/a", "\177ELF", NULL, "no build information" },
	{ "not a zip file", "java", "a.jar", "x", NULL, "zip" },
	{ "an empty file", "java", "a.jar", "", "", NULL },
};

static void put_list(struct hm_buf *b, const struct hm_strs *list, const char *open, char between,
		     const char *close)
{
	for (size_t i = 0; i < list->n; i++) {
		hm_buf_addz(b, i ? "" : open);
		if (i)
			hm_buf_char(b, between);
		hm_buf_add(b, list->p[i]);
	}
	if (list->n)
		hm_buf_addz(b, close);
}

static void put_findings(struct hm_buf *b, const struct inventory_findings *f)
{
	if (f->has_distro)
		hm_buf_fmt(b, "distro %.*s %.*s %.*s\n", HM_FMT(f->distro.id),
			   HM_FMT(f->distro.version_id), HM_FMT(f->distro.version_codename));
	for (size_t i = 0; i < f->components.n; i++) {
		const struct inventory_component *c = &f->components.p[i];
		if (c->namespace.n)
			hm_buf_fmt(b, "%.*s/", HM_FMT(c->namespace));
		hm_buf_fmt(b, "%.*s %.*s", HM_FMT(c->name), HM_FMT(c->version));
		if (c->range.n)
			hm_buf_fmt(b, " {%.*s}", HM_FMT(c->range));
		if (c->source_name.n)
			hm_buf_fmt(b, " <%.*s %.*s", HM_FMT(c->source_name),
				   HM_FMT(c->source_version));
		hm_buf_addz(b, c->dev ? " (dev)" : "");
		if (c->origin.n)
			hm_buf_fmt(b, " ~%.*s", HM_FMT(c->origin));
		put_list(b, &c->licenses, " [", ';', "]");
		put_list(b, &c->depends, " ", ',', "");
		hm_buf_char(b, '\n');
	}
	for (size_t i = 0; i < f->owned.n; i++)
		hm_buf_fmt(b, "owns %.*s %.*s\n", HM_FMT(f->owned.p[i].name),
			   HM_FMT(f->owned.p[i].path));
	for (size_t i = 0; i < f->unknown.n; i++)
		hm_buf_fmt(b, "!%.*s\n", HM_FMT(f->unknown.p[i].reason));
}

static void finds(void **state)
{
	const struct cataloger_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct inventory_findings f;
	struct inventory_file file = { .path = hm_cstr(t->path), .bytes = hm_cstr(t->bytes) };
	hm_err err = inventory_catalog(&cx, inventory_cataloger_find(t->cataloger), &file, &f);
	if (t->why) {
		assert_fault(err, HM_INPUT, t->why);
		return;
	}
	assert_ok(err);
	put_findings(&b, &f);
	assert_strz(hm_buf_str(&b), t->found);
}

/* What PowerShell writes, in both orders of bytes; and a surrogate alone. */
static void requirements_in_utf16(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t n;
		const char *found;
	} texts[] = {
		{ "\xff\xfe"
		  "a\0=\0=\0"
		  "1\0\r\0\n\0#\0\x3d\xd8\x00\xde",
		  20, "a 1\n" },
		{ "\xfe\xff"
		  "\0a\0=\0=\0"
		  "1\0\n\0b",
		  14, "a 1\nb \n" },
		{ "\xff\xfe"
		  "a\0\x3d\xd8",
		  6, NULL },
	};
	for (size_t i = 0; i < HM_LEN(texts); i++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		HM_AUTO_BUF b = HM_BUF(HM_MIB);
		struct inventory_findings f;
		struct inventory_file file = { .path = HM_STR("requirements.txt"),
					       .bytes = hm_bytes(texts[i].bytes, texts[i].n) };
		hm_err err =
			inventory_catalog(&cx, inventory_cataloger_find("requirements"), &file, &f);
		if (!texts[i].found) {
			assert_fault(err, HM_INPUT, "this is not text");
			continue;
		}
		assert_ok(err);
		put_findings(&b, &f);
		assert_strz(hm_buf_str(&b), texts[i].found);
	}
}

/* --- Go --- */

static void put_go_info(struct hm_buf *b, const char *version, const char *modules)
{
	static const char mark[17] = "0123456789abcdef";
	hm_buf_add(b, HM_STR("\xff Go buildinf:\x08\x02"));
	for (int i = 0; i < 16; i++)
		hm_buf_char(b, '\0');
	hm_buf_counted(b, hm_cstr(version));
	hm_buf_uvarint(b, strlen(modules) + 32);
	hm_buf_addz(b, mark);
	hm_buf_addz(b, modules);
	hm_buf_addz(b, mark);
}

static const struct go_case {
	const char *label, *version, *modules, *found;
} go_cases[] = {
	{ "a program and its modules", "go1.22.3",
	  "path\texample.com/a/cmd\nmod\texample.com/a\tv1.0.0\th1:x=\ndep\tgolang.org/x/text\tv0.3.0\th1:y=\n",
	  "example.com/a v1.0.0 pkg:golang/stdlib@1.22.3,pkg:golang/golang.org/x/text@v0.3.0\n"
	  "golang.org/x/text v0.3.0\nstdlib go1.22.3\n" },
	{ "a replaced module is what it was replaced by", "go1.22.3",
	  "mod\ta\tv1.0.0\t\ndep\tb\tv1.0.0\n=>\tc.org/b\tv2.0.0\t\ndep\td\tv1.0.0\n=>\t./d\t\t\n",
	  "a v1.0.0 pkg:golang/stdlib@1.22.3,pkg:golang/c.org/b@v2.0.0,pkg:golang/d\nc.org/b v2.0.0\nd  ~file:./d\n"
	  "stdlib go1.22.3\n" },
	{ "a development build has the commit as version", "go1.21",
	  "mod\ta\t(devel)\t\nbuild\tvcs.revision=0123456789abcdef0123\nbuild\tvcs.time=2024-01-02T15:04:05Z\n",
	  "a v0.0.0-20240102150405-0123456789ab pkg:golang/stdlib@1.21\nstdlib go1.21\n" },
	{ "or what the linker was told", "go1.21",
	  "mod\ta\t(devel)\t\nbuild\t-ldflags=-s -X a/main.version=v1.2.3\n",
	  "a v1.2.3 pkg:golang/stdlib@1.21\nstdlib go1.21\n" },
	{ "in quotes, where there are spaces", "go1.21",
	  "mod\ta\t(devel)\t\nbuild\t-ldflags=\"-s -X \\\"main.version=3.2.1-rc1\\\" -X main.commit=abc\"\n",
	  "a 3.2.1-rc1 pkg:golang/stdlib@1.21\nstdlib go1.21\n" },
	{ "or none", "go1.21", "mod\ta\t(devel)\t\n",
	  "a  pkg:golang/stdlib@1.21\nstdlib go1.21\n" },
	{ "an experiment is no part of the version", "go1.22.1 X:boringcrypto",
	  "mod\ta\tv1.0.0\t\n", "a v1.0.0 pkg:golang/stdlib@1.22.1\nstdlib go1.22.1\n" },
	{ "a toolchain without number", "devel +abc", "mod\ta\tv1.0.0\t\n", "a v1.0.0\n" },
	{ "an experiment behind a hyphen", "go1.26.8-X:jsonv2", "", "stdlib go1.26.8\n" },
	{ "a build of a vendor", "go1.21.5-1", "", "stdlib go1.21.5\n" },
	{ "a build with other cryptography", "go1.20.3-fips", "", "stdlib go1.20.3\n" },
	{ "boringcrypto of old", "go1.18.3b7", "", "stdlib go1.18.3\n" },
	{ "a release candidate", "go1.21rc2", "", "stdlib go1.21rc2\n" },
	{ "a release candidate with more behind it", "go1.21rc2-X:x", "", "stdlib go1.21rc2\n" },
	{ "a toolchain between releases", "devel go1.23-0123abcdef Mon Jan 1 00:00:00 2024 +0000",
	  "", "stdlib go1.23\n" },
	{ "a version made from the commit, and what the linker was told", "go1.24.1",
	  "mod\ta\tv0.0.0-20240102150405-0123456789ab\t\nbuild\t-ldflags=\"-s -X main.version=1.4.2\"\n",
	  "a 1.4.2 pkg:golang/stdlib@1.24.1\nstdlib go1.24.1\n" },
	{ "what the linker was told, with an equals sign", "go1.24.1",
	  "mod\ta\t(devel)\t\nbuild\t-ldflags=\"-X=a/b.AppVersion=v2.0.0\"\n",
	  "a v2.0.0 pkg:golang/stdlib@1.24.1\nstdlib go1.24.1\n" },
	{ "the linker does not speak against a tag", "go1.24.1",
	  "mod\ta\tv1.2.3\t\nbuild\t-ldflags=\"-X main.version=1.4.2\"\n",
	  "a v1.2.3 pkg:golang/stdlib@1.24.1\nstdlib go1.24.1\n" },
	{ "a version of something else", "go1.24.1",
	  "mod\ta\tv0.0.0-20240102150405-0123456789ab\t\nbuild\t-ldflags=\"-X main.goVersion=1.22.1\"\n",
	  "a v0.0.0-20240102150405-0123456789ab pkg:golang/stdlib@1.24.1\nstdlib go1.24.1\n" },
};

static void go_program(void **state)
{
	const struct go_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF in = HM_BUF(HM_MIB), b = HM_BUF(HM_MIB);
	struct inventory_findings f;
	put_go_info(&in, t->version, t->modules);
	struct inventory_file file = { .path = HM_STR("bin/a"), .bytes = hm_buf_str(&in) };
	assert_ok(inventory_catalog(&cx, inventory_cataloger_find("go"), &file, &f));
	put_findings(&b, &f);
	assert_strz(hm_buf_str(&b), t->found);
	for (size_t n = 0; n < in.n - 16; n++) { /* cut anywhere: a fault, never a crash */
		file.bytes = hm_sub(hm_buf_str(&in), 0, n);
		assert_fault(inventory_catalog(&cx, inventory_cataloger_find("go"), &file, &f),
			     HM_INPUT, n < 32 ? "there is no build information" : "is cut short");
	}
}

/* A program of before Go 1.18: two pointers to strings, in a segment that is loaded elsewhere. */
static void go_program_with_addresses(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF e = HM_BUF(HM_MIB), b = HM_BUF(HM_MIB);
	static const char modules[] = "0123456789abcdefmod\ta\tv1.0.0\t\n0123456789abcdef";
	const uint64_t base = 0x400000, info = 128, heads = 160, text = 192;
	hm_buf_add(&e, HM_STR("\177ELF\2\1\1\0\0\0\0\0\0\0\0\0"));
	hm_buf_le(&e, 2, 2), hm_buf_le(&e, 62, 2), hm_buf_le(&e, 1, 4);
	hm_buf_le(&e, 0, 8), hm_buf_le(&e, 64, 8), hm_buf_le(&e, 0, 8); /* entry, phoff, shoff */
	hm_buf_le(&e, 0, 4), hm_buf_le(&e, 64, 2), hm_buf_le(&e, 56, 2), hm_buf_le(&e, 1, 2);
	hm_buf_le(&e, 0, 6);
	hm_buf_le(&e, 1, 4), hm_buf_le(&e, 6, 4), hm_buf_le(&e, 0, 8); /* PT_LOAD, rw, offset */
	hm_buf_le(&e, base, 8), hm_buf_le(&e, base, 8), hm_buf_le(&e, 0x1000, 8);
	hm_buf_le(&e, 0x1000, 8), hm_buf_le(&e, 0x1000, 8);
	while (e.n < info)
		hm_buf_char(&e, '\0');
	hm_buf_add(&e, hm_bytes("\xff Go buildinf:\x08\0", 16));
	hm_buf_le(&e, base + heads, 8), hm_buf_le(&e, base + heads + 16, 8);
	hm_buf_le(&e, base + text, 8), hm_buf_le(&e, 8, 8);
	hm_buf_le(&e, base + text + 8, 8), hm_buf_le(&e, sizeof(modules) - 1, 8);
	hm_buf_addz(&e, "go1.17.1");
	hm_buf_addz(&e, modules);

	struct inventory_findings f;
	struct inventory_file file = { .path = HM_STR("bin/a"), .bytes = hm_buf_str(&e) };
	assert_ok(inventory_catalog(&cx, inventory_cataloger_find("go"), &file, &f));
	put_findings(&b, &f);
	assert_strz(hm_buf_str(&b), "a v1.0.0 pkg:golang/stdlib@1.17.1\nstdlib go1.17.1\n");
	file.bytes.n = text + 4;
	assert_fault(inventory_catalog(&cx, inventory_cataloger_find("go"), &file, &f), HM_INPUT,
		     "not where its address says");
}

/* --- the table --- */

static void every_cataloger_is_whole(void **state)
{
	(void)state;
	struct hm_strs names = { 0 };
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	for (const struct inventory_cataloger *c = inventory_catalogers; c->name; c++) {
		assert_non_null(c->parse);
		assert_non_null(c->patterns[0]);
		assert_false(hm_strs_has(&names, hm_cstr(c->name)));
		*hm_push(&cx, &names) = hm_cstr(c->name);
		bool has_case = false;
		for (size_t i = 0; i < HM_LEN(cases); i++)
			has_case = has_case || !strcmp(cases[i].cataloger, c->name);
		assert_true(has_case);
	}
	assert_in_range(names.n, 1, 64);
}

int main(void)
{
	UNIT_TABLE(finds, cases);
	UNIT(requirements_in_utf16);
	UNIT_TABLE(go_program, go_cases);
	UNIT(go_program_with_addresses);
	UNIT(every_cataloger_is_whole);
	return unit_run("inventory/catalogers");
}
