/* SPDX-License-Identifier: Apache-2.0 */
/* Layers from tar to merged inventory, in this process: what is found, where, and since which
 * layer. */
#include "unit.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/mman.h>

#include "crypto/crypto.h"
#include "inventory/cache.h"
#include "inventory/layer.h"
#include "inventory/links.h"
#include "inventory/merge.h"
#include "inventory/settle.h"

enum { LAYERS = 4, ENTRIES = 10 };

/* Types of entries that are no files. */
static unsigned file_type(char type)
{
	static const struct {
		char type;
		unsigned is;
	} rows[] = { { 'd', AE_IFDIR }, { 'l', AE_IFLNK }, { 'c', AE_IFCHR }, { 'p', AE_IFIFO } };
	for (size_t i = 0; i < HM_LEN(rows); i++)
		if (rows[i].type == type)
			return rows[i].is;
	return AE_IFREG;
}

#define NPM(name, version)    "\t{\"name\":\"" name "\",\"version\":\"" version "\"}"
#define PYTHON(name, version) "\tMetadata-Version: 2.1\nName: " name "\nVersion: " version "\n"
#define DEB(name, version)                                                   \
	"Package: " name "\nStatus: install ok installed\nVersion: " version \
	"\nArchitecture: amd64\n\n"
#define APK_IN(lib, name, version) lib "/apk/db/installed\tP:" name "\nV:" version "\n\n"
#define APK(name, version)         "f " APK_IN("lib", name, version)
#define STATUS                     "f var/lib/dpkg/status\t"

/* An entry is its type (f file, h hard link, l symbolic link, d folder, c device, p pipe), a blank,
 * its path, and behind a tab its content or target. */
static const struct image {
	const char *label;
	const char *layers[LAYERS][ENTRIES];
	const char *want; /* "purl path layer[ path layer]...[ owned by purl]" a line; then
			     "! path: reason" lines of unknown content */
} images[] = {
	/* What a loader finds by symbolic links. */
	{ "a dist-info that is a link",
	  { { "l usr/lib/python3/a-1.dist-info\t/opt/store/x",
	      "f opt/store/x/METADATA" PYTHON("a", "1") } },
	  "pkg:pypi/a@1 opt/store/x/METADATA 0\n" },
	{ "a dist-info that is a link, and leads into a later layer, up and down",
	  { { "l srv/a-1.Dist-Info\t../opt/./y/../store/x" },
	    { "d opt/y", "f opt/store/x/METADATA" PYTHON("a", "1") } },
	  "pkg:pypi/a@1 opt/store/x/METADATA 1\n" },
	{ "a METADATA that is a link",
	  { { "f opt/x" PYTHON("a", "1"), "l srv/a-1.dist-info/METADATA\t../../opt/x" } },
	  "pkg:pypi/a@1 opt/x 0\n" },
	{ "links behind links, to a folder and then to a file",
	  { { "l srv/a-1.dist-info\t/opt/a", "l opt/a\tb/c" },
	    { "l opt/b/c/METADATA\t/opt/here/x", "l opt/here\tthere",
	      "f opt/there/x" PYTHON("a", "1") } },
	  "pkg:pypi/a@1 opt/there/x 1\n" },
	{ "an egg-info that is a link to a file, and one to a folder",
	  { { "l srv/a.egg-info\t/opt/a", "f opt/a" PYTHON("a", "1"), "l srv/b.egg-info\t/opt/b",
	      "f opt/b/PKG-INFO" PYTHON("b", "2") } },
	  "pkg:pypi/a@1 opt/a 0\npkg:pypi/b@2 opt/b/PKG-INFO 0\n" },
	{ "a link that a later layer replaces",
	  { { "l srv/a-1.dist-info\t/opt/a", "f opt/a/METADATA" PYTHON("a", "1") },
	    { "f srv/a-1.dist-info\t" } },
	  "" },
	{ "a link that a later layer removes",
	  { { "l srv/a-1.dist-info\t/opt/a", "f opt/a/METADATA" PYTHON("a", "1") },
	    { "f srv/.wh.a-1.dist-info\t" } },
	  "" },
	{ "what a link leads to, and a later layer removes",
	  { { "l srv/a-1.dist-info\t/opt/a", "f opt/a/METADATA" PYTHON("a", "1") },
	    { "f opt/a/.wh.METADATA\t" } },
	  "" },
	{ "what a link leads to, in a later layer",
	  { { "l srv/a-1.dist-info\t/opt/a", "f opt/a/METADATA" PYTHON("a", "1") },
	    { "f opt/a/METADATA" PYTHON("a", "2") } },
	  "pkg:pypi/a@2 opt/a/METADATA 1\n" },
	{ "links that lead in a circle, nowhere, and out of the root",
	  { { "l srv/a.egg-info\tb.egg", "l srv/b.egg\t/srv/c", "l srv/c\ta.egg-info",
	      "l srv/d.jar\t/nowhere", "l srv/e.dist-info\t../../../../opt/e",
	      "f opt/e/METADATA" PYTHON("e", "1") } },
	  "pkg:pypi/e@1 opt/e/METADATA 0\n" },
	{ "a circle of links does not lead to the root",
	  { { "l store\ta/node_modules", "l a/node_modules\t../store",
	      "f node_modules/package.json" NPM("a", "1") } },
	  "" },
	{ "links to packages that are found anyway",
	  { { "l srv/node_modules/a\t.pnpm/a@1/node_modules/a",
	      "f srv/node_modules/.pnpm/a@1/node_modules/a/package.json" NPM("a", "1") } },
	  "pkg:npm/a@1 srv/node_modules/.pnpm/a@1/node_modules/a/package.json 0\n" },
	{ "a package of node_modules that is a link, and one in a scope",
	  { { "l srv/node_modules/a\t../packages/a", "l srv/node_modules/@s/b\t../../packages/b",
	      "f srv/packages/a/package.json" NPM("a", "1"),
	      "f srv/packages/b/package.json" NPM("@s/b", "2") } },
	  "pkg:npm/a@1 srv/packages/a/package.json 0\n"
	  "pkg:npm/%40s/b@2 srv/packages/b/package.json 0\n" },
	{ "a node_modules that is a link, one scope in it, and one package.json",
	  { { "l srv/node_modules\t/opt/n", "f opt/n/a/package.json" NPM("a", "1"),
	      "l opt/n/@s\t../s", "f opt/s/b/package.json" NPM("@s/b", "2"),
	      "l opt/n/c/package.json\t/opt/c", "f opt/c" NPM("c", "3") } },
	  "pkg:npm/a@1 opt/n/a/package.json 0\npkg:npm/c@3 opt/c 0\n"
	  "pkg:npm/%40s/b@2 opt/s/b/package.json 0\n" },
	{ "packages that link to each other",
	  { { "l p/a/node_modules/b\t../../b", "l p/b/node_modules/a\t../../a",
	      "f p/a/package.json" NPM("a", "1"), "f p/b/package.json" NPM("b", "2") } },
	  "pkg:npm/a@1 p/a/package.json 0\npkg:npm/b@2 p/b/package.json 0\n" },
	{ "an os-release that is a link",
	  { { "l etc/os-release\t/opt/os", "f opt/os\tID=alpine\nVERSION_ID=3.18.2\n",
	      APK("a", "1") } },
	  "pkg:apk/alpine/a@1?distro=alpine-3.18.2 lib/apk/db/installed 0\n" },
	{ "nothing is in an empty layer", { { "d etc" } }, "" },
	{ "paths whose hashes can be made to meet without a secret do not hide each other",
	  { { "f srv/aqeoMk8lNW16/node_modules/a/package.json" NPM("a", "1.0") },
	    { "f srv/cwkxuk-4108G\t", "f srv/fzzxCnA7DNaT/node_modules/a/.wh.package.json\t",
	      "f srv/gqjlYlhI98nQ/node_modules/a/package.json\t{}" } },
	  "pkg:npm/a@1.0 srv/aqeoMk8lNW16/node_modules/a/package.json 0\n" },
	{ "nor those of opaque folders, and of folders in the place of files",
	  { { "f srv/cbmfLSv+Gw%C/node_modules/a/package.json" NPM("a", "1.0"),
	      "f srv/gqtkKJzRrHS6/node_modules/b/package.json" NPM("b", "1.0") },
	    { "f srv/cmuiY6ZACEGb/.wh..wh..opq\t",
	      "d srv/pyewPgEg6bbI/node_modules/b/package.json" } },
	  "pkg:npm/a@1.0 srv/cbmfLSv+Gw%C/node_modules/a/package.json 0\n"
	  "pkg:npm/b@1.0 srv/gqtkKJzRrHS6/node_modules/b/package.json 0\n" },
	{ "a package that npm installed",
	  { { "f srv/node_modules/a/package.json" NPM("a", "1.0") } },
	  "pkg:npm/a@1.0 srv/node_modules/a/package.json 0\n" },
	{ "the same file of an application",
	  { { "f srv/a/package.json" NPM("a", "1.0") } },
	  "pkg:npm/a@1.0 srv/a/package.json 0\n" },
	{ "the same file deeper in an installed package",
	  { { "f srv/node_modules/a/b/package.json" NPM("b", "1.0") } },
	  "" },
	{ "a package that two databases have is one",
	  { { STATUS DEB("a", "1"), "f var/lib/dpkg/status.d/a\t" DEB("a", "1"),
	      "f var/lib/dpkg/status.d/b\t" DEB("b", "1") },
	    { "f var/lib/dpkg/status.d/c\t" DEB("a", "1"), APK("a", "1"),
	      "f usr/" APK_IN("lib", "a", "1") } },
	  "pkg:apk/a@1 lib/apk/db/installed 1 usr/lib/apk/db/installed 1\n"
	  "pkg:deb/a@1?arch=amd64 var/lib/dpkg/status 0 var/lib/dpkg/status.d/a 0 "
	  "var/lib/dpkg/status.d/c 1\n"
	  "pkg:deb/b@1?arch=amd64 var/lib/dpkg/status.d/b 0\n" },
	{ "of two versions it is two",
	  { { STATUS DEB("a", "1"), "f var/lib/dpkg/status.d/a\t" DEB("a", "1:1") } },
	  "pkg:deb/a@1?arch=amd64 var/lib/dpkg/status 0\n"
	  "pkg:deb/a@1:1?arch=amd64 var/lib/dpkg/status.d/a 0\n" },
	{ "and so is what npm installed twice",
	  { { "f b/node_modules/a/package.json" NPM("a", "1"),
	      "f c/node_modules/a/package.json" NPM("a", "1") } },
	  "pkg:npm/a@1 b/node_modules/a/package.json 0\n"
	  "pkg:npm/a@1 c/node_modules/a/package.json 0\n" },
	{ "the short list of Azure Linux where the long one is not",
	  { { "f var/lib/rpmmanifest/container-manifest-1\ta.1-1.x86_64\n" } },
	  "pkg:rpm/a@1-1?arch=x86_64 var/lib/rpmmanifest/container-manifest-1 0\n" },
	{ "the long list of Azure Linux counts where it is",
	  { { "f var/lib/rpmmanifest/container-manifest-1\ta.1-1.x86_64\nb.1-1.x86_64\n" },
	    { "f var/lib/rpmmanifest/container-manifest-2\t"
	      "a\t1-1\t1\t2\tv\t2\t4\tx86_64\t2\ts-1-1.src.rpm\n" } },
	  "pkg:rpm/a@1-1?arch=x86_64&epoch=2&upstream=s-1-1.src.rpm "
	  "var/lib/rpmmanifest/container-manifest-2 1\n" },
	{ "paths are normalised",
	  { { "f ./srv//node_modules/./a/x/../package.json" NPM("a", "1.0") } },
	  "pkg:npm/a@1.0 srv/node_modules/a/package.json 0\n" },
	{ "a whiteout hides a file",
	  { { "f node_modules/a/package.json" NPM("a", "1") },
	    { "f node_modules/a/.wh.package.json" } },
	  "" },
	{ "a whiteout hides a folder",
	  { { "f srv/node_modules/a/package.json" NPM("a", "1") }, { "f .wh.srv" } },
	  "" },
	{ "a whiteout hides nothing of its own layer",
	  { { "d srv" }, { "f .wh.srv", "f srv/node_modules/a/package.json" NPM("a", "1") } },
	  "pkg:npm/a@1 srv/node_modules/a/package.json 1\n" },
	{ "a whiteout of another name hides nothing",
	  { { "f node_modules/a/package.json" NPM("a", "1") },
	    { "f node_modules/.wh.b", "f .wh.node" } },
	  "pkg:npm/a@1 node_modules/a/package.json 0\n" },
	{ "an opaque folder hides what is below it",
	  { { "f srv/node_modules/a/package.json" NPM("a", "1"),
	      "f opt/node_modules/b/package.json" NPM("b", "1") },
	    { "f srv/.wh..wh..opq" } },
	  "pkg:npm/b@1 opt/node_modules/b/package.json 0\n" },
	{ "an opaque root hides nothing from overlayfs",
	  { { "f srv/node_modules/a/package.json" NPM("a", "1") }, { "f .wh..wh..opq" } },
	  "pkg:npm/a@1 srv/node_modules/a/package.json 0\n" },
	{ "what a folder took the place of hides nothing below it any more",
	  { { "f srv/node_modules/a/package.json" NPM("a", "1") },
	    { "f srv/node_modules\tx", "d srv/node_modules" } },
	  "pkg:npm/a@1 srv/node_modules/a/package.json 0\n" },
	{ "neither does a link",
	  { { "f srv/node_modules/a/package.json" NPM("a", "1") },
	    { "l srv/node_modules\t/none", "d srv/node_modules" } },
	  "pkg:npm/a@1 srv/node_modules/a/package.json 0\n" },
	{ "nor a whiteout",
	  { { "f srv/node_modules/a/package.json" NPM("a", "1") },
	    { "f srv/.wh.node_modules", "d srv/node_modules" } },
	  "pkg:npm/a@1 srv/node_modules/a/package.json 0\n" },
	{ "an opaque folder still does",
	  { { "f srv/node_modules/a/package.json" NPM("a", "1") },
	    { "f srv/node_modules\tx", "d srv/node_modules", "f srv/node_modules/.wh..wh..opq" } },
	  "" },
	{ "an empty folder that becomes a file hides",
	  { { "f srv/node_modules/a/package.json" NPM("a", "1") },
	    { "d srv/node_modules", "f srv/node_modules\tx" } },
	  "" },
	{ "a file where its whiteout is",
	  { { "f node_modules/a/package.json" NPM("a", "1") },
	    { "f node_modules/a/.wh.package.json",
	      "f node_modules/a/package.json" NPM("a", "2") } },
	  "pkg:npm/a@2 node_modules/a/package.json 1\n" },
	{ "a device hides nothing: runtimes without privileges leave it out",
	  { { "f node_modules/a/package.json" NPM("a", "1"),
	      "f node_modules/b/package.json" NPM("b", "1") },
	    { "c node_modules/a", "c node_modules/b/package.json" } },
	  "pkg:npm/a@1 node_modules/a/package.json 0\npkg:npm/b@1 node_modules/b/package.json 0\n" },
	{ "nor in its own layer",
	  { { "f node_modules/a/package.json" NPM("a", "1"), "c node_modules/a/package.json" } },
	  "pkg:npm/a@1 node_modules/a/package.json 0\n" },
	{ "a pipe does",
	  { { "f node_modules/a/package.json" NPM("a", "1") }, { "p node_modules/a" } },
	  "" },
	{ "a file below a link of its layer",
	  { { "l q\tvar/lib/dpkg", "f q/status\t" DEB("a", "1") } },
	  "pkg:deb/a@1?arch=amd64 var/lib/dpkg/status 0\n" },
	{ "below links behind links, up and down",
	  { { "l a/q\t../b", "l b\t/c/d", "f a/q/package.json" NPM("a", "1"),
	      "l c/e\t../srv/node_modules/e", "f c/e/package.json" NPM("e", "1") } },
	  "pkg:npm/a@1 c/d/package.json 0\npkg:npm/e@1 srv/node_modules/e/package.json 0\n" },
	{ "below a link to the root",
	  { { "l q\t/..", "f q/var/lib/dpkg/status\t" DEB("a", "1") } },
	  "pkg:deb/a@1?arch=amd64 var/lib/dpkg/status 0\n" },
	{ "a link that became a folder leads nowhere any more",
	  { { "l q\tsrv/node_modules", "f q/a/package.json" NPM("a", "1"), "d q",
	      "f q/b/package.json" NPM("b", "1") } },
	  "pkg:npm/a@1 srv/node_modules/a/package.json 0\npkg:npm/b@1 q/b/package.json 0\n" },
	{ "a whiteout below a link of its layer",
	  { { "f srv/node_modules/a/package.json" NPM("a", "1") },
	    { "l q\tsrv/node_modules", "f q/.wh.a" } },
	  "" },
	{ "an opaque folder that is called by a link of its layer",
	  { { "f srv/node_modules/a/package.json" NPM("a", "1") },
	    { "l q\tsrv/node_modules", "f q/.wh..wh..opq" } },
	  "" },
	{ "a hard link through a link of its layer",
	  { { "f store/1" NPM("a", "1"), "l q\tstore", "h node_modules/a/package.json\tq/1" } },
	  "pkg:npm/a@1 node_modules/a/package.json 0\n" },
	{ "a hard link to a link is that link",
	  { { "l store/l\t/srv/node_modules/a", "h q\tstore/l",
	      "f q/package.json" NPM("a", "1") } },
	  "pkg:npm/a@1 srv/node_modules/a/package.json 0\n" },
	{ "a hard link keeps what another entry takes the place of",
	  { { "f store/1" NPM("a", "1"), "h node_modules/a/package.json\tstore/1",
	      "f store/1" NPM("a", "2") } },
	  "pkg:npm/a@1 node_modules/a/package.json 0\n" },
	{ "a hard link to a program that was replaced",
	  { { "f a\tGO", "f a\tsh", "h b\ta" } },
	  "" },
	{ "a file below a link of a lower layer: there for runtimes without overlayfs",
	  { { "l opt/x\t/srv/node_modules/a" }, { "f opt/x/package.json" NPM("a", "1") } },
	  "pkg:npm/a@1 opt/x/package.json 1\n" },
	{ "below several links of lower layers",
	  { { "l opt/x\t/y/z" },
	    { "l y/z\t../w" },
	    { "l w/v\t/srv/node_modules/a", "d etc" },
	    { "f opt/x/v/package.json" NPM("a", "1") } },
	  "pkg:npm/a@1 opt/x/v/package.json 3\n" },
	{ "a database below a link of a lower layer",
	  { { "l q\tvar/lib/dpkg" }, { "f q/status\t" DEB("a", "1") } },
	  "pkg:deb/a@1?arch=amd64 q/status 1\n" },
	{ "a folder of its own where the lower layer has a link",
	  { { "l testdata/x\t/srv/node_modules/a" },
	    { "d testdata/x", "f testdata/x/package.json" NPM("a", "1") } },
	  "" },
	{ "what took the place of a link that was written through is not what lies there",
	  { { "l q\tsrv/node_modules" },
	    { "f q/a/package.json" NPM("a", "1"), "f q/node_modules/b/package.json" NPM("b", "1") },
	    { "f .wh.q" } },
	  "pkg:npm/a@1 q/a/package.json 1\npkg:npm/b@1 q/node_modules/b/package.json 1\n" },
	{ "an opaque folder hides nothing of its own layer",
	  { { "d srv" },
	    { "f srv/node_modules/a/package.json" NPM("a", "1"), "f srv/.wh..wh..opq" } },
	  "pkg:npm/a@1 srv/node_modules/a/package.json 1\n" },
	{ "bookkeeping of aufs hides nothing",
	  { { "f node_modules/a/package.json" NPM("a", "1") },
	    { "f .wh..wh.plnk", "f .wh..wh.aufs" } },
	  "pkg:npm/a@1 node_modules/a/package.json 0\n" },
	{ "hidden, and there again",
	  { { "f node_modules/a/package.json" NPM("a", "1") },
	    { "f .wh.node_modules" },
	    { "f node_modules/a/package.json" NPM("a", "2") } },
	  "pkg:npm/a@2 node_modules/a/package.json 2\n" },
	{ "a later version replaces a file",
	  { { "f node_modules/a/package.json" NPM("a", "1") },
	    { "f node_modules/a/package.json" NPM("a", "2") } },
	  "pkg:npm/a@2 node_modules/a/package.json 1\n" },
	{ "a file without findings replaces one with",
	  { { "f node_modules/a/package.json" NPM("a", "1") },
	    { "f node_modules/a/package.json\t{}" } },
	  "" },
	{ "the same again is still of the first layer",
	  { { "f node_modules/a/package.json" NPM("a", "1") },
	    { "d tmp" },
	    { "f node_modules/a/package.json" NPM("a", "1") } },
	  "pkg:npm/a@1 node_modules/a/package.json 0\n" },
	{ "a folder replaces a file",
	  { { "f node_modules/a/package.json" NPM("a", "1") },
	    { "d node_modules/a/package.json" } },
	  "" },
	{ "a link replaces a file",
	  { { "f node_modules/a/package.json" NPM("a", "1") },
	    { "l node_modules/a/package.json\t/none" } },
	  "" },
	{ "a link replaces a folder above",
	  { { "f srv/node_modules/a/package.json" NPM("a", "1") },
	    { "l srv/node_modules\t/none" } },
	  "" },
	{ "a file replaces a folder above",
	  { { "f srv/node_modules/a/package.json" NPM("a", "1") }, { "f srv/node_modules\tx" } },
	  "" },
	{ "a folder that is mentioned again hides nothing",
	  { { "f srv/node_modules/a/package.json" NPM("a", "1") },
	    { "d srv", "d srv/node_modules" } },
	  "pkg:npm/a@1 srv/node_modules/a/package.json 0\n" },
	{ "the last of two entries of one path counts",
	  { { "f node_modules/a/package.json" NPM("a", "1"),
	      "f node_modules/a/package.json" NPM("a", "2") } },
	  "pkg:npm/a@2 node_modules/a/package.json 0\n" },
	{ "the last of two entries of one path may be a link",
	  { { "f node_modules/a/package.json" NPM("a", "1"),
	      "l node_modules/a/package.json\t/none" } },
	  "" },
	{ "a hard link to a file that nobody wanted",
	  { { "f store/1" NPM("a", "1"), "h node_modules/a/package.json\tstore/1" } },
	  "pkg:npm/a@1 node_modules/a/package.json 0\n" },
	{ "a hard link to a hard link",
	  { { "f store/1" NPM("a", "1"), "h store/2\tstore/1", "h store/3\t./store/2",
	      "h node_modules/a/package.json\t/store/3" } },
	  "pkg:npm/a@1 node_modules/a/package.json 0\n" },
	{ "a hard link to a file that was wanted",
	  { { "f node_modules/a/package.json" NPM("a", "1"),
	      "h x/node_modules/a/package.json\tnode_modules/a/package.json" } },
	  "pkg:npm/a@1 node_modules/a/package.json 0\npkg:npm/a@1 x/node_modules/a/package.json 0\n" },
	{ "a file that a cataloger cannot read is a warning",
	  { { "f node_modules/a/package.json\t{", "f node_modules/b/package.json" NPM("b", "1") } },
	  "pkg:npm/b@1 node_modules/b/package.json 0\n! node_modules/a/package.json: " },
	{ "a warning about a hidden file is hidden too",
	  { { "f node_modules/a/package.json\t{" }, { "f .wh.node_modules" } },
	  "" },
	{ "a package is of the layer that first had its version",
	  { { STATUS DEB("a", "1") DEB("b", "1") },
	    { STATUS DEB("a", "1") DEB("b", "2") },
	    { STATUS DEB("a", "1") DEB("b", "2") DEB("c", "1") } },
	  "pkg:deb/a@1?arch=amd64 var/lib/dpkg/status 0\n"
	  "pkg:deb/b@2?arch=amd64 var/lib/dpkg/status 1\n"
	  "pkg:deb/c@1?arch=amd64 var/lib/dpkg/status 2\n" },
	{ "the distribution is known to packages of other layers",
	  { { STATUS DEB("a", "1") }, { "f usr/lib/os-release\tID=debian\nVERSION_ID=\"12\"\n" } },
	  "pkg:deb/debian/a@1?arch=amd64&distro=debian-12 var/lib/dpkg/status 0\n" },
	{ "a distribution without packages is not silent",
	  { { "f etc/os-release\tID=arch\n", "f var/lib/pacman/local/a-1/desc\tx" } },
	  "! no packages of the distribution \"arch\" were found: it has no package database, or one "
	  "that is not supported\n" },
	{ "etc/os-release wins over usr/lib",
	  { { "f etc/os-release\tID=debian\nVERSION_ID=12\n", STATUS DEB("a", "1") },
	    { "f usr/lib/os-release\tID=other\n" } },
	  "pkg:deb/debian/a@1?arch=amd64&distro=debian-12 var/lib/dpkg/status 0\n" },
	{ "a package of the system owns its files",
	  { { STATUS DEB("node-a", "1"),
	      "f var/lib/dpkg/info/node-a.list\t/.\n/usr/share/nodejs/a/package.json\n",
	      "f usr/share/nodejs/a/package.json" NPM("a", "1") } },
	  "pkg:deb/node-a@1?arch=amd64 var/lib/dpkg/status 0\n"
	  "pkg:npm/a@1 usr/share/nodejs/a/package.json 0 owned by pkg:deb/node-a@1?arch=amd64\n" },
	{ "what replaced a package's file later is not its",
	  { { STATUS DEB("node-a", "1"),
	      "f var/lib/dpkg/info/node-a.list\t/usr/share/nodejs/a/package.json\n",
	      "f usr/share/nodejs/a/package.json" NPM("a", "1") },
	    { "f usr/share/nodejs/a/package.json" NPM("a", "2") } },
	  "pkg:deb/node-a@1?arch=amd64 var/lib/dpkg/status 0\n"
	  "pkg:npm/a@2 usr/share/nodejs/a/package.json 1\n" },
	{ "a package that is gone owns nothing",
	  { { STATUS DEB("node-a", "1"),
	      "f var/lib/dpkg/info/node-a.list\t/usr/share/nodejs/a/package.json\n",
	      "f usr/share/nodejs/a/package.json" NPM("a", "1") },
	    { STATUS DEB("b", "1"), "f var/lib/dpkg/info/.wh.node-a.list" } },
	  "pkg:deb/b@1?arch=amd64 var/lib/dpkg/status 1\n"
	  "pkg:npm/a@1 usr/share/nodejs/a/package.json 0\n" },
	{ "a package owns through merged folders",
	  { { STATUS DEB("a", "1"),
	      "f var/lib/dpkg/info/a.list\t/lib/node_modules/a/package.json\n",
	      "f usr/lib/node_modules/a/package.json" NPM("a", "1") } },
	  "pkg:deb/a@1?arch=amd64 var/lib/dpkg/status 0\n"
	  "pkg:npm/a@1 usr/lib/node_modules/a/package.json 0 owned by pkg:deb/a@1?arch=amd64\n" },
	{ "a file is replaced through a link below the root",
	  { { "l lib\tusr/lib", "f lib/node_modules/a/package.json" NPM("a", "1") },
	    { "f usr/lib/node_modules/a/package.json" NPM("a", "2") } },
	  "pkg:npm/a@2 usr/lib/node_modules/a/package.json 1\n" },
	{ "a link below the root that is repeated hides nothing",
	  { { "l lib\tusr/lib", "f lib/node_modules/a/package.json" NPM("a", "1") },
	    { "l lib\tusr/lib" } },
	  "pkg:npm/a@1 usr/lib/node_modules/a/package.json 0\n" },
	{ "a link to a database where it is looked for, too",
	  { { "l var/lib/dpkg\t../../usr/lib/sysimage/dpkg",
	      "f usr/lib/sysimage/dpkg/status\t" DEB("a", "1"),
	      "f usr/lib/sysimage/dpkg/info/a.list\t/node_modules/a/package.json\n",
	      "f node_modules/a/package.json" NPM("a", "1") } },
	  "pkg:deb/a@1?arch=amd64 usr/lib/sysimage/dpkg/status 0\n"
	  "pkg:npm/a@1 node_modules/a/package.json 0 owned by pkg:deb/a@1?arch=amd64\n" },
	{ "a database in a linked folder",
	  { { "l var/lib/dpkg\t/data", "f data/status\t" DEB("a", "1"),
	      "f data/info/a.list\t/node_modules/a/package.json\n",
	      "f node_modules/a/package.json" NPM("a", "1") } },
	  "pkg:deb/a@1?arch=amd64 data/status 0\n"
	  "pkg:npm/a@1 node_modules/a/package.json 0 owned by pkg:deb/a@1?arch=amd64\n" },
	{ "by a relative link, which comes later",
	  { { "f data/status\t" DEB("a", "1"), "l var/lib/dpkg\t../../data" } },
	  "pkg:deb/a@1?arch=amd64 data/status 0\n" },
	{ "by one that would lead out of the root",
	  { { "f data/status\t" DEB("a", "1"), "l var/lib/dpkg\t../../../../../data" } },
	  "pkg:deb/a@1?arch=amd64 data/status 0\n" },
	{ "a database that is a link",
	  { { "l var/lib/dpkg/status\t/x/y", "f x/y\t" DEB("a", "1") } },
	  "pkg:deb/a@1?arch=amd64 x/y 0\n" },
	{ "a linked folder below the root",
	  { { "l var\tdata", "f data/lib/dpkg/status\t" DEB("a", "1") } },
	  "pkg:deb/a@1?arch=amd64 data/lib/dpkg/status 0\n" },
	{ "a link to the root",
	  { { "l var/lib/dpkg\t/", "f status\t" DEB("a", "1") } },
	  "pkg:deb/a@1?arch=amd64 status 0\n" },
	{ "a database in another layer than its link",
	  { { "f data/status\t" DEB("a", "1") },
	    { "f data/status\t" DEB("a", "2") },
	    { "l var/lib/dpkg\t/data" } },
	  "pkg:deb/a@2?arch=amd64 data/status 1\n" },
	{ "links behind links, which only another reading can find",
	  { { "l var/lib/apk\t/x", "l x\t./a/b" },
	    { "l a/b\t../c/d", "l c/d\t/e/./f", "l e/f\tg/../h" },
	    { "f e/h/db/installed\tP:a\nV:1\n", "l lib/apk\t../var/lib/apk" } },
	  "pkg:apk/a@1 e/h/db/installed 2\n" },
	{ "a link through a link to where it is looked for",
	  { { "l lib\tusr/lib", "f usr/lib/apk/db/installed\tP:a\nV:1\n" } },
	  "pkg:apk/a@1 usr/lib/apk/db/installed 0\n" },
	{ "a linked folder of stanzas, and a linked stanza",
	  { { "l var/lib/dpkg/status.d\t/d", "f d/a\t" DEB("a", "1"), "l d/b\t../e",
	      "f e\t" DEB("b", "1"), "f d/.hidden/c\t" DEB("c", "1") } },
	  "pkg:deb/a@1?arch=amd64 d/a 0\npkg:deb/b@1?arch=amd64 e 0\n" },
	{ "two links to one database",
	  { { "l var/lib/dpkg\t/data", "l usr/lib/dpkg\t/data", "f data/status\t" DEB("a", "1") } },
	  "pkg:deb/a@1?arch=amd64 data/status 0\n" },
	/* With overlayfs a folder hides the link, and data/status is no database any more; without,
	 * it is replaced. Which of the two is not known, nor needs to be. */
	{ "a database that a later layer writes through the link",
	  { { "l var/lib/dpkg\t/data", "f data/status\t" DEB("a", "1") },
	    { STATUS DEB("a", "2") } },
	  "pkg:deb/a@1?arch=amd64 data/status 0\npkg:deb/a@2?arch=amd64 var/lib/dpkg/status 1\n" },
	/* The same for what no database is: with overlayfs it lies at its name, without where the
	 * link of the lower layer leads to, and either may be what a cataloger looks for. */
	{ "an application where a link of a lower layer leads to",
	  { { "l srv/node_modules\t/opt/app" },
	    { "f srv/node_modules/package.json" NPM("a", "1") } },
	  "pkg:npm/a@1 srv/node_modules/package.json 1\n" },
	{ "links behind links, and a file deep behind them",
	  { { "l srv/node_modules\t../opt/x" },
	    { "l opt/x\ty" },
	    { "l opt/y\t../here" },
	    { "f srv/node_modules/p/q/package.json" NPM("a", "1") } },
	  "pkg:npm/a@1 srv/node_modules/p/q/package.json 3\n" },
	{ "a hard link there",
	  { { "l srv/node_modules\t/opt/app" },
	    { "f x\t{\"name\":\"a\",\"version\":\"1\"}", "h srv/node_modules/package.json\tx" } },
	  "pkg:npm/a@1 srv/node_modules/package.json 1\n" },
	{ "one installed package by both names is one",
	  { { "l lib\tusr/lib" }, { "f lib/node_modules/a/package.json" NPM("a", "1") } },
	  "pkg:npm/a@1 lib/node_modules/a/package.json 1\n" },
	{ "what pip left over, and is none of that where the link leads to",
	  { { "l srv/~x.dist-info\ta.dist-info" },
	    { "f srv/~x.dist-info/METADATA" PYTHON("a", "1") } },
	  "pkg:pypi/a@1 srv/~x.dist-info/METADATA 1\n" },
	{ "what dpkg passes over, and is a stanza where the link leads to",
	  { { "l var/lib/dpkg/updates\tstatus.d" },
	    { "f var/lib/dpkg/updates/a\t" DEB("a", "1") } },
	  "pkg:deb/a@1?arch=amd64 var/lib/dpkg/updates/a 1\n" },
	{ "a link to a database that replaces a folder through a link of a lower layer, or does not",
	  { { "l var/lib/dpkg\t/n/p", "l q\tn", "f n/status\t" DEB("a", "1"),
	      "f n/p/status\t" DEB("b", "1") },
	    { "l q/p\t." } },
	  "pkg:deb/a@1?arch=amd64 n/status 0\npkg:deb/b@1?arch=amd64 n/p/status 0\n" },
	{ "one whose place another entry takes",
	  { { "l var/lib/dpkg\t/n/p", "l q\tn", "f x/status\t" DEB("a", "1"),
	      "f y/status\t" DEB("b", "1") },
	    { "l q/p\t/x", "l q/p\t/y", "l q/r\t/z" } },
	  "pkg:deb/b@1?arch=amd64 y/status 0\n" },
	{ "one whose place a folder takes",
	  { { "l var/lib/dpkg\t/n/p", "l q\tn", "f x/status\t" DEB("a", "1") },
	    { "l q/p\t/x", "d q/p" } },
	  "" },
	{ "a folder that takes the place of a link through a link of a lower layer, or does not",
	  { { "l var/lib/dpkg\t/m", "l q\t/", "l m\t/z", "f z/status\t" DEB("a", "1") },
	    { "d q/m", "f q/m/status\t" DEB("b", "1") } },
	  "pkg:deb/a@1?arch=amd64 z/status 0\npkg:deb/b@1?arch=amd64 q/m/status 1\n" },
	{ "a link that a whiteout of its layer takes away, and what lies there then",
	  { { "l q\t/a", "f .wh.q", "f q/x" PYTHON("a", "1"), "l b/l.dist-info/METADATA\t/q/x" } },
	  "pkg:pypi/a@1 q/x 0\n" },
	{ "a link through a folder that hides a link of a lower layer, or does not",
	  { { "l b\t/srv/deep", "f x" PYTHON("a", "1"), "f srv/x" PYTHON("b", "1") },
	    { "l b/l.egg-info\t../x" } },
	  "pkg:pypi/a@1 x 0\npkg:pypi/b@1 srv/x 0\n" },
	{ "a link to a package, put through a link of a lower layer",
	  { { "l opt/y\t../srv/node_modules", "f opt/fixtures/p/package.json" NPM("a", "1") },
	    { "l opt/y/p\t/opt/fixtures/p" } },
	  "pkg:npm/a@1 opt/fixtures/p/package.json 0\n" },
	{ "where a package comes from is said of what lies beside that, by links too",
	  { { "l opt/x\t/srv/a.dist-info", "f srv/a.dist-info/METADATA" PYTHON("b", "1") },
	    { "f opt/x/METADATA" PYTHON("a", "1"),
	      "f opt/x/direct_url.json\t{\"url\":\"https://e.example/a\"}" } },
	  "pkg:pypi/a@1?download_url=https:%2F%2Fe.example%2Fa opt/x/METADATA 1\n"
	  "pkg:pypi/b@1 srv/a.dist-info/METADATA 0\n" },
	{ "a link that takes the place of a database",
	  { { STATUS DEB("a", "1"), "f data/status\t" DEB("b", "1") },
	    { "l var/lib/dpkg\t/data" } },
	  "pkg:deb/b@1?arch=amd64 data/status 0\n" },
	{ "a link whose place another entry takes in its layer",
	  { { "l var/lib/dpkg\t/data", "l var/lib/dpkg\t/other", "f data/status\t" DEB("a", "1"),
	      "f other/status\t" DEB("b", "1") } },
	  "pkg:deb/b@1?arch=amd64 other/status 0\n" },
	{ "a link whose target is taken away",
	  { { "l var/lib/dpkg\t/data", "f data/status\t" DEB("a", "1") }, { "f .wh.data" } },
	  "" },
	{ "virtual packages that a later layer deletes",
	  { { APK("a", "1") },
	    { APK("a", "1") "P:.build\nV:0\n\nP:gcc\nV:1\n\n" },
	    { APK("a", "1") } },
	  "pkg:apk/a@1 lib/apk/db/installed 0\n" },
	{ "Alpine's database moves to /usr",
	  { { APK("a", "1") },
	    { "f lib/.wh.apk", "l lib/apk\t../usr/lib/apk", "f usr/" APK_IN("lib", "a", "2") } },
	  "pkg:apk/a@2 usr/lib/apk/db/installed 1\n" },
	{ "its /lib does",
	  { { APK("a", "1") },
	    { "f .wh.lib", "l lib\tusr/lib", "f usr/" APK_IN("lib", "a", "2") },
	    { APK("a", "3") } }, /* overlayfs shows both */
	  "pkg:apk/a@2 usr/lib/apk/db/installed 1\npkg:apk/a@3 lib/apk/db/installed 2\n" },
	{ "a stanza that is taken away, and one that is replaced",
	  { { "f var/lib/dpkg/status.d/a\t" DEB("a", "1"),
	      "f var/lib/dpkg/status.d/b\t" DEB("b", "1"),
	      "f var/lib/dpkg/status.d/c\t" DEB("c", "1") },
	    { "f var/lib/dpkg/status.d/.wh.a", "f var/lib/dpkg/status.d/b\t" DEB("b", "2") } },
	  "pkg:deb/b@2?arch=amd64 var/lib/dpkg/status.d/b 1\n"
	  "pkg:deb/c@1?arch=amd64 var/lib/dpkg/status.d/c 0\n" },
	{ "an opaque folder of stanzas",
	  { { "f var/lib/dpkg/status.d/a\t" DEB("a", "1") },
	    { "f var/lib/dpkg/status.d/.wh..wh..opq",
	      "f var/lib/dpkg/status.d/b\t" DEB("b", "1") } },
	  "pkg:deb/b@1?arch=amd64 var/lib/dpkg/status.d/b 1\n" },
	{ "stanzas beside a status: what lies on top of an image without dpkg",
	  { { "f var/lib/dpkg/status.d/a\t" DEB("a", "1") }, { STATUS DEB("b", "1") } },
	  "pkg:deb/a@1?arch=amd64 var/lib/dpkg/status.d/a 0\n"
	  "pkg:deb/b@1?arch=amd64 var/lib/dpkg/status 1\n" },
	{ "an interrupted dpkg that a later layer finished",
	  { { STATUS DEB("a", "1"), "f var/lib/dpkg/updates/0002\t" DEB("a", "2") },
	    { STATUS DEB("a", "2"), "f var/lib/dpkg/updates/.wh.0002" } },
	  "pkg:deb/a@2?arch=amd64 var/lib/dpkg/status 1\n" },
	{ "a damaged database that a later layer replaces",
	  { { "f var/lib/rpm/rpmdb.sqlite\tx" }, { "f var/lib/rpm/rpmdb.sqlite\t" } },
	  "" },
	{ "a link to where no database is",
	  { { "l var/lib/dpkg\t/data", "f data/other\tx" } },
	  "" },
	{ "a link to a database that was taken away",
	  { { "l var/lib/dpkg\t/data", "f data/status\t" DEB("a", "1") },
	    { "f var/lib/.wh.dpkg", STATUS DEB("a", "2") } },
	  "pkg:deb/a@2?arch=amd64 var/lib/dpkg/status 1\n" },
	{ "Go build information",
	  { { "f usr/bin/go\tGO" } },
	  "pkg:golang/example.com/m@v1.2.3 usr/bin/go 0\npkg:golang/stdlib@1.22.1 usr/bin/go 0\n" },
	{ "Go build information through a hard link",
	  { { "f a\tGO", "h b\ta" } },
	  "pkg:golang/example.com/m@v1.2.3 a 0\npkg:golang/example.com/m@v1.2.3 b 0\npkg:golang/stdlib@1.22.1 a 0\npkg:golang/stdlib@1.22.1 b 0\n" },
	{ "what lies over a Go program hides it",
	  { { "f a\tGO", "f b\tGO" }, { "f a\tsh" } },
	  "pkg:golang/example.com/m@v1.2.3 b 0\npkg:golang/stdlib@1.22.1 b 0\n" },
	{ "old Go build information needs the whole file, which is kept in a second reading",
	  { { "f a\tOLD GO" } },
	  "! a: " },
	{ "so it does where it looks like a Rust program, too",
	  { { "f a\tOLD GO AND RUST" } },
	  "! a: " },
	{ "what cannot be read, and is replaced, is not unknown",
	  { { "f node_modules/a/package.json\t{" },
	    { "f node_modules/a/package.json" NPM("a", "1") } },
	  "pkg:npm/a@1 node_modules/a/package.json 1\n" },
	{ "nor is what is removed",
	  { { "f a/x.jar\tno zip", "f b/x.jar\tno zip" }, { "f a/.wh.x.jar", "f b/.wh..wh..opq" } },
	  "" },
	{ "nor what is replaced in its own layer",
	  { { "f node_modules/a/package.json\t{", "f node_modules/a/package.json" NPM("a", "1") } },
	  "pkg:npm/a@1 node_modules/a/package.json 0\n" },
	{ "what replaces what could be read is",
	  { { "f a/x.jar\t" }, { "f a/x.jar\tno zip" } },
	  "! a/x.jar: zip: " },
	{ "declared only, in an image",
	  { { "f requirements.txt\ta==1\n", "f package-lock.json\t{}" } },
	  "" },
};

static hm_err run(struct hm_cx *cx, struct hm_str bytes, struct hm_str args, struct hm_str *out)
{
	HM_AUTO_FD fd = memfd_create("layer", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_ok(hm_write_all(cx, fd, "layer", bytes));
	lseek(fd, 0, SEEK_SET);
	HM_AUTO_BUF answer = HM_BUF(HM_MAX_WORKER_RESULT);
	HM_TRY(inventory_layer_job(cx, args, fd, &answer));
	*out = hm_dup(cx, hm_buf_str(&answer));
	return NULL;
}

/* The header of an ELF file of 64 bits whose one segment, of data, is all of it. */
static void put_elf(char *p, size_t size)
{
	HM_AUTO_BUF b = HM_BUF(256);
	hm_buf_add(&b, HM_STR("\177ELF\2\1\1\0\0\0\0\0\0\0\0\0"));
	hm_buf_le(&b, 2, 2), hm_buf_le(&b, 62, 2), hm_buf_le(&b, 1, 4);
	hm_buf_le(&b, 0, 8), hm_buf_le(&b, 64, 8), hm_buf_le(&b, 0, 8); /* entry, phoff, shoff */
	hm_buf_le(&b, 0, 4), hm_buf_le(&b, 64, 2), hm_buf_le(&b, 56, 2), hm_buf_le(&b, 1, 2);
	hm_buf_le(&b, 0, 6);
	hm_buf_le(&b, 1, 4), hm_buf_le(&b, 6, 4); /* PT_LOAD, rw; offset and addresses */
	hm_buf_le(&b, 0, 8), hm_buf_le(&b, 0, 8), hm_buf_le(&b, 0, 8);
	hm_buf_le(&b, size, 8), hm_buf_le(&b, size, 8), hm_buf_le(&b, 4096, 8);
	memcpy(p, b.p, b.n);
}

/* With build information by address, which leads nowhere; and with the name of a section that it
 * does not have. */
static struct hm_str old_go_program(struct hm_cx *cx, bool names_crates)
{
	enum { SIZE = 256, NAME = 4096 };
	char *p = hm_new(cx, char, 2 * NAME);
	put_elf(p, SIZE);
	memset(p + 192, '.', SIZE - 192);
	memcpy(p + 192, "\xff Go buildinf:\x08\0", 16);
	memcpy(p + NAME, "\0.dep-v0", sizeof("\0.dep-v0"));
	return hm_bytes(p, names_crates ? 2 * NAME : SIZE);
}

/* An ELF file with build information at 4096 + 16, behind something that only looks like it. */
static struct hm_str go_program(struct hm_cx *cx)
{
	enum { SIZE = 20000 };
	char *p = hm_new(cx, char, SIZE);
	static const char magic[] = "\xff Go buildinf:";
	put_elf(p, SIZE);
	memcpy(p + 1024, magic, 14);
	p[1024 + 15] = 2;
	p[1024 + 32] = 40;
	memcpy(p + 4112, magic, 14);
	p[4112 + 14] = 8;
	p[4112 + 15] = 2;
	static const char sentinel[] = "0w\xaf\f\x92t\b\x02"
				       "A\xe1\xc1\a\xe6\xd6\x18\xe6";
	static const char end[] = "\xf9"
				  "2C1\x86\x18 r\x00\x82"
				  "B\x10"
				  "A\x16\xd8\xf2";
	HM_AUTO_BUF info = HM_BUF(4096);
	hm_buf_counted(&info, HM_STR("go1.22.1"));
	struct hm_str mod = hm_fmt(cx, "path\texample.com/m\nmod\texample.com/m\tv1.2.3\th1:x=\n");
	hm_buf_uvarint(&info, 32 + mod.n);
	hm_buf_add(&info, hm_bytes(sentinel, 16));
	hm_buf_add(&info, mod);
	hm_buf_add(&info, hm_bytes(end, 16));
	memcpy(p + 4112 + 32, info.p, info.n);
	return hm_bytes(p, SIZE);
}

static struct hm_str make_layer(struct hm_cx *cx, const char *const *entries)
{
	static char room[1 << 20];
	size_t used = 0;
	struct archive *a = archive_write_new();
	archive_write_set_format_pax_restricted(a);
	assert_int_equal(archive_write_open_memory(a, room, sizeof(room), &used), ARCHIVE_OK);
	for (size_t i = 0; i < ENTRIES && entries[i]; i++) {
		struct hm_str rest = hm_cstr(entries[i] + 2);
		struct hm_str path = hm_cut(&rest, '\t');
		struct archive_entry *e = archive_entry_new();
		char type = entries[i][0];
		archive_entry_set_pathname(e, hm_dupz(cx, path));
		archive_entry_set_perm(e, 0644);
		archive_entry_set_filetype(e, file_type(type));
		if (type == 'l')
			archive_entry_set_symlink(e, hm_dupz(cx, rest));
		if (type == 'h')
			archive_entry_set_hardlink(e, hm_dupz(cx, rest));
		if (hm_eqz(rest, "GO"))
			rest = go_program(cx);
		if (hm_starts(rest, HM_STR("OLD GO")))
			rest = old_go_program(cx, hm_ends(rest, HM_STR("RUST")));
		if (type == 'f')
			archive_entry_set_size(e, (la_int64_t)rest.n);
		assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
		if (type == 'f' && rest.n)
			assert_int_equal(archive_write_data(a, rest.p, rest.n), rest.n);
		archive_entry_free(e);
	}
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	return hm_dup(cx, hm_bytes(room, used));
}

static void read_layer(struct hm_cx *cx, struct hm_str bytes, struct inventory_request r,
		       struct inventory_answer *out)
{
	struct hm_str args, answer;
	for (int i = 0; i < 8; i++) {
		assert_ok(inventory_request_write(cx, &r, &args));
		assert_ok(run(cx, bytes, args, &answer));
		assert_ok(inventory_answer_read(cx, answer, out));
		if (!out->needs.n)
			break;
		r.bits = (const uint8_t *)out->needs.p;
	}
	assert_int_equal(out->needs.n, 0);
	assert_int_equal(out->tar_size, bytes.n);
	assert_str(out->diff_id, crypto_digest_raw(cx, CRYPTO_SHA256, bytes));
}

/* As image.c does it. Nothing depends on the seed. */
static hm_err inventory_layers(struct hm_cx *cx, const char *const entries[LAYERS][ENTRIES],
			       struct inventory *inv)
{
	struct inventory_view_layer layers[LAYERS];
	struct inventory_request r = { 0 };
	struct inventory_view view;
	bool again;
	inventory_seed_make(&r.seed);
	for (int i = 0; i < 8; i++) {
		size_t n = 0;
		for (; n < LAYERS && entries[n][0]; n++) {
			struct inventory_answer *a = hm_new(cx, struct inventory_answer, 1);
			read_layer(cx, make_layer(cx, entries[n]), r, a);
			layers[n] = (struct inventory_view_layer){ hm_fmt(cx, "%zu", n), a };
		}
		HM_TRY(inventory_view_make(cx, &r.seed, layers, n, &view));
		HM_TRY(inventory_layers_settle(cx, &view, &r, &inv->unknown, &again));
		if (!again)
			return inventory_merge(cx, &view, inv);
	}
	return hm_fail(cx, HM_LIMIT, "links without end");
}

static void merges(void **state)
{
	const struct image *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct inventory inv = { 0 };
	assert_ok(inventory_layers(&cx, t->layers, &inv));
	HM_AUTO_BUF got = HM_BUF(1 << 20);
	for (size_t i = 0; i < inv.n; i++) {
		const struct inventory_component *c = &inv.components[i];
		assert_true(c->locations_n > 0);
		hm_buf_fmt(&got, "%.*s", HM_FMT(c->purl));
		for (size_t k = 0; k < c->locations_n; k++)
			hm_buf_fmt(&got, " %.*s %.*s", HM_FMT(c->locations[k].path),
				   HM_FMT(c->locations[k].layer));
		if (c->owner.n)
			hm_buf_fmt(&got, " owned by %.*s", HM_FMT(c->owner));
		hm_buf_char(&got, '\n');
	}
	for (size_t i = 0; i < inv.unknown.n; i++)
		hm_buf_fmt(&got, "! %.*s\n",
			   HM_FMT(inventory_unknown_text(&cx, &inv.unknown.p[i])));
	struct hm_str want = hm_cstr(t->want);
	bool open = want.n && want.p[want.n - 1] == ' '; /* the rest is another's words */
	assert_str(open ? hm_sub(hm_buf_str(&got), 0, want.n) : hm_buf_str(&got), want);
}

/* Images of which it cannot be known what is installed. */
static const struct unknown {
	const char *label;
	const char *layers[LAYERS][ENTRIES];
	const char *words;
} unknown[] = {
	{ "a link that leads to itself",
	  { { "l var/lib/rpm\trpm" } },
	  "symbolic links lead to it" },
	{ "links that lead to each other",
	  { { "l var/lib/dpkg\t/data" }, { "l data\tvar/lib/dpkg" } },
	  "symbolic links lead to it" },
	{ "a link into itself", { { "l lib\tlib/x" } }, "symbolic links lead to it" },
	{ "an rpm database of a kind that is not known",
	  { { "f var/lib/rpm/Packages\tbdb" } },
	  "layer 1: \"var/lib/rpm/Packages\": rpm: this is not an rpm database" },
	{ "an interrupted dpkg",
	  { { STATUS DEB("a", "1"), "f var/lib/dpkg/updates/0002\t" DEB("a", "2") } },
	  "layer 1: \"var/lib/dpkg/updates/0002\": dpkg was interrupted" },
	{ "an apk database that is damaged",
	  { { "f lib/apk/db/installed\tP:a\nV:1\nnonsense\n" } },
	  "layer 1: \"lib/apk/db/installed\": line 3: apk: " },
	{ "an rpm database that is damaged",
	  { { "f etc/passwd\tx" }, { "f usr/share/rpm/rpmdb.sqlite\tSQLite format" } },
	  "layer 2: \"usr/share/rpm/rpmdb.sqlite\": rpm: " },
	{ "a link of a lower layer that entries go through, and then a folder",
	  { { "l opt/x\t/srv" },
	    { "f opt/x/node_modules/p/package.json" NPM("a", "1"), "d opt/x",
	      "f opt/x/node_modules/p/package.json" NPM("a", "2") } },
	  "go through symbolic links of lower layers" },
	{ "a whiteout of a folder between entries, which was a link of a lower layer",
	  { { "l q\t/a" },
	    { "f q/package.json" NPM("a", "1"), "f .wh.q", "f q/package.json" NPM("b", "1") } },
	  "go through symbolic links of lower layers" },
	{ "an opaque folder between entries, in which there was a link of a lower layer",
	  { { "l q/p\t/a" },
	    { "f q/p/package.json" NPM("a", "1"), "f q/.wh..wh..opq",
	      "f q/p/package.json" NPM("b", "1") } },
	  "go through symbolic links of lower layers" },
	{ "a link behind a link, from which a runtime goes on in its own root",
	  { { "l d\tn", "l n\t/", "f usr/x\t" }, { "f d/lib/dpkg/status\t" DEB("a", "1") } },
	  "readers resolve the links to \"d\" differently" },
	{ "links of a lower layer and of the own",
	  { { "l lib\tusr/lib" }, { "l lib/q\t../a", "f lib/q/f" } },
	  "go through symbolic links of lower layers" },
	{ "one that only a link leads to",
	  { { "l var/lib/rpm\t/data" }, { "f data/Packages.db\tndb" } },
	  "layer 2: \"data/Packages.db\": rpm: " },
};

static void does_not_guess(void **state)
{
	const struct unknown *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct inventory inv = { 0 };
	assert_fault(inventory_layers(&cx, t->layers, &inv), HM_INPUT, t->words);
}

/* Each could lead to what is installed; images of users have hundreds. */
static void leaves_no_link_out(void **state)
{
	enum { MOST = 3000 };
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct inventory_answer a = { 0 };
	struct inventory_view_layer layer = { HM_STR("0"), &a };
	struct inventory_view view;
	const struct inventory_seed seed = { { 1, 2 } };
	for (unsigned i = 0; i < MOST; i++)
		*hm_push(&cx, &a.links) =
			(struct inventory_found_link){ .path = hm_fmt(&cx, "l%u", i),
						       .target = HM_STR("usr") };
	*hm_push(&cx, &a.links) =
		(struct inventory_found_link){ .path = HM_STR("lib"), .target = HM_STR("usr/lib") };
	assert_ok(inventory_view_make(&cx, &seed, &layer, 1, &view));
	assert_true(inventory_view_same(&cx, &view, HM_STR("lib/a"), HM_STR("usr/lib/a")));
	assert_false(inventory_view_same(&cx, &view, HM_STR("lib/a"), HM_STR("usr/a")));
}

/* A layer has `n` links, and the one above it entries in folders of the same names. */
static hm_err settle_through(struct hm_cx *cx, size_t n, struct inventory_request *asked)
{
	HM_AUTO_BUF hashes = HM_BUF(HM_MIB);
	struct inventory_answer lower = { 0 }, upper = { 0 };
	struct inventory_view_layer layers[] = { { HM_STR("0"), &lower }, { HM_STR("1"), &upper } };
	struct inventory_unknowns dropped = { 0 };
	struct inventory_view view;
	bool again;
	asked->seed = (struct inventory_seed){ { 1, 2 } };
	for (size_t i = 0; i < n; i++)
		hm_buf_le(&hashes,
			  inventory_path_hash(&asked->seed, INVENTORY_PATH_HIDES,
					      hm_fmt(cx, "opt/l%zu", i)),
			  8);
	lower.made_links = upper.implied = hm_buf_str(&hashes);
	HM_TRY(inventory_view_make(cx, &asked->seed, layers, 2, &view));
	for (size_t i = 0; i < n; i++) {
		struct hm_cur c = hm_cur(hm_from(hm_buf_str(&hashes), 8 * i));
		uint64_t hash = hm_le(&c, 8);
		assert_true(inventory_view_goes_through(&view, hash, 0, SIZE_MAX));
		assert_true(inventory_view_goes_through(&view, hash, 1, 1));
		assert_false(inventory_view_goes_through(&view, hash, 2, SIZE_MAX));
		assert_false(inventory_view_goes_through(&view, hash, 0, 0));
		assert_false(inventory_view_goes_through(&view, hash + 1, 0, SIZE_MAX));
	}
	return inventory_layers_settle(cx, &view, asked, &dropped, &again);
}

static void asks_for_no_more_links_than_the_limits(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(4 * HM_MIB);
	struct inventory_request most = { 0 }, more = { 0 }, told = { 0 };
	assert_ok(settle_through(&cx, HM_MAX_THROUGH_LINKS, &most));
	assert_int_equal(most.tell.n, HM_MAX_THROUGH_LINKS);
	assert_fault(settle_through(&cx, HM_MAX_THROUGH_LINKS + 1, &more), HM_LIMIT,
		     "entries go through more than 1000 symbolic links of lower layers");
	size_t budget = cx.budget;
	for (uint64_t i = HM_MAX_TOLD_LINKS; i > 0; i--)
		assert_ok(inventory_links_ask(&cx, &told, 7 * i));
	assert_true(budget - cx.budget >= HM_MAX_TOLD_LINKS * sizeof(uint64_t));
	assert_ok(inventory_links_ask(&cx, &told, 7));
	assert_fault(inventory_links_ask(&cx, &told, 8), HM_LIMIT,
		     "more than 4096 symbolic links have to be followed");
	HM_AUTO_CX poor = HM_CX(8);
	assert_fault(inventory_links_ask(&poor, &more, 7), HM_LIMIT, "more memory than it may");
	assert_int_equal(told.tell.n, HM_MAX_TOLD_LINKS);
}

/* The worker looks for the hashes as in what the parent has. */
static void a_request_comes_as_it_was_written(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct inventory_request r = { 0 }, got;
	struct hm_str args;
	static const uint64_t hashes[] = { 9, 3, 7, 3, 0, UINT64_MAX, 9 };
	for (size_t i = 0; i < HM_LEN(hashes); i++)
		assert_ok(inventory_hashes_add(&cx, &r.tell, hashes[i]));
	assert_ok(inventory_request_write(&cx, &r, &args));
	assert_ok(inventory_request_read(&cx, args, &got));
	assert_int_equal(got.tell.n, 5);
	for (size_t i = 0; i < HM_LEN(hashes); i++)
		assert_true(inventory_hashes_has(&got.tell, hashes[i]));
	assert_false(inventory_hashes_has(&got.tell, 4));
	uint64_t first = r.tell.p[0];
	r.tell.p[0] = r.tell.p[1];
	r.tell.p[1] = first;
	assert_ok(inventory_request_write(&cx, &r, &args));
	assert_fault(inventory_request_read(&cx, args, &got), HM_INPUT, "damaged");
}

static const struct bad {
	const char *label;
	const char *layer[ENTRIES];
	enum hm_code code;
	const char *words;
} bad[] = {
	{ "a name that leads out of the root", { "f ../x\tx" }, HM_INPUT, "out of the root" },
	{ "a name that leads out on the way", { "f a/../../x\tx" }, HM_INPUT, "out of the root" },
	{ "a hard link that leads out of the root",
	  { "h a\t../../x" },
	  HM_INPUT,
	  "out of the root" },
	{ "a hard link to nothing",
	  { "h node_modules/a/package.json\tstore/1" },
	  HM_INPUT,
	  "not a file of its layer" },
	{ "a hard link to a folder", { "d a", "h b\ta" }, HM_INPUT, "not a file of its layer" },
	{ "a hard link to a whiteout",
	  { "f .wh.a", "h b\ta" },
	  HM_INPUT,
	  "not a file of its layer" },
	{ "a hard link to itself", { "f a", "h a\ta" }, HM_INPUT, "link to itself" },
	{ "a hard link that readers resolve in two ways",
	  { "l q\t/x/y", "f x/f", "f f", "h b\tq/../f" },
	  HM_INPUT,
	  "hard link to \"q/../f\" differently" },
	{ "an entry through links that readers resolve in two ways",
	  { "l q\tx/y", "l x/y\t../z", "l z\t../w", "f q/f" },
	  HM_INPUT,
	  "differently" },
	{ "one with a name before its ..", { "l q\tx/../y", "f q/f" }, HM_INPUT, "differently" },
	{ "an entry through a link behind a link to the root",
	  { "l d\tn", "l n\t/", "f d/lib/x\t" },
	  HM_INPUT,
	  "resolve the links to \"n\" differently" },
	{ "an entry through links in a circle",
	  { "l q\tr", "l r\tq", "f q/f" },
	  HM_INPUT,
	  "too many" },
	{ "an entry below a file", { "f a", "f a/b" }, HM_INPUT, "not a folder" },
	{ "an entry below a pipe", { "p a", "f a/b" }, HM_INPUT, "not a folder" },
	{ "a folder with something in it that becomes a file",
	  { "f a/b", "f a" },
	  HM_INPUT,
	  "something else in the same layer" },
	{ "one that becomes a link", { "d a/b", "l a\tc" }, HM_INPUT, "something else in" },
	{ "one that becomes a device", { "d a/b", "c a" }, HM_INPUT, "something else in" },
	{ "an opaque one that becomes a file",
	  { "f a/.wh..wh..opq", "f a" },
	  HM_INPUT,
	  "something else in" },
	{ "an entry through a link that an opaque root takes away",
	  { "l a/q\t/srv", "f .wh..wh..opq", "f a/q/f" },
	  HM_INPUT,
	  "takes away" },
	{ "through one that a whiteout takes away",
	  { "l a/q\t/srv", "f .wh.a", "f a/q/f" },
	  HM_INPUT,
	  "takes away" },
	{ "a whiteout of nothing", { "f a/.wh." }, HM_INPUT, "a whiteout without a name" },
	{ "a whiteout of its folder", { "f a/.wh.." }, HM_INPUT, "a whiteout without a name" },
	{ "a whiteout of the folder above",
	  { "f a/.wh..." },
	  HM_INPUT,
	  "a whiteout without a name" },
};

static void refuses(void **state)
{
	const struct bad *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const struct inventory_request r = { 0 };
	struct hm_str args, answer;
	assert_ok(inventory_request_write(&cx, &r, &args));
	assert_fault(run(&cx, make_layer(&cx, t->layer), args, &answer), t->code, t->words);
}

/* Every prefix and every flipped bit of an answer is refused or read: never a crash. */
static void reads_damaged_answers(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	static const char *const entries[ENTRIES] = {
		STATUS DEB("a", "1"), "f var/lib/dpkg/info/a.list\t/x\n/y\n",
		"l lib\tusr/lib",     "f node_modules/a/package.json\t{",
		"l x/apk\t../y",      "d x/apk"
	};
	struct inventory_alias through = { HM_STR("x"), HM_STR("lib"), .through = true };
	const struct inventory_request r = { .aliases = { &through, 1, 1 } };
	struct hm_str args, answer, copy;
	assert_ok(inventory_request_write(&cx, &r, &args));
	assert_fault(run(&cx, make_layer(&cx, entries), hm_sub(args, 0, 15), &answer), HM_INPUT,
		     "damaged");
	assert_ok(run(&cx, make_layer(&cx, entries), args, &answer));
	/* its link is another, where layers share one folder, and is gone there */
	assert_true(hm_find(answer, HM_STR("s\7lib/apk\4../y")) != SIZE_MAX);
	assert_true(hm_find(answer, HM_STR("s\7lib/apk\0")) != SIZE_MAX);
	for (size_t n = 0; n < answer.n; n++) {
		struct inventory_answer a;
		HM_AUTO_CX one = HM_CX(1 << 20);
		copy = hm_dup(&one, hm_sub(answer, 0, n));
		assert_fault(inventory_answer_read(&one, copy, &a), HM_INPUT, "damaged");
	}
	for (size_t i = 0; i < answer.n * 8; i++) {
		struct inventory_answer a;
		HM_AUTO_CX one = HM_CX(1 << 20);
		copy = hm_dup(&one, answer);
		((char *)(uintptr_t)copy.p)[i / 8] ^= (char)(1 << i % 8);
		hm_err err = inventory_answer_read(&one, copy, &a);
		if (err)
			assert_true(err->code == HM_INPUT || err->code == HM_LIMIT);
	}
}

/* Where the answer to a key is kept. */
static const char *cache_file(struct hm_cx *cx, const char *dir, struct hm_str key)
{
	struct hm_str digest = crypto_digest_text(cx, CRYPTO_SHA256, key);
	return hm_path(cx, dir, hm_fmt(cx, "sha256-%s", digest.p + 7).p);
}

static void caches(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct inventory_options o = { .cache_dir = unit_temp_dir() };
	struct inventory_cache c, off;
	struct hm_str got, digest = HM_STR("sha256:00ff"), file;
	inventory_cache_open(&cx, &o, &c);
	struct hm_str key = inventory_cache_key(&cx, &c, digest, HM_STR("asked"));
	assert_ok(inventory_cache_get(&cx, &c, key, &got));
	assert_int_equal(got.n, 0);
	inventory_cache_put(&cx, &c, key, HM_STR("an answer"));
	assert_ok(inventory_cache_get(&cx, &c, key, &got));
	assert_strz(got, "an answer");
	/* Another version of the catalogers, another limit: another key. */
	struct inventory_cache other = c;
	other.key = HM_STR("sha256:other");
	assert_ok(inventory_cache_get(&cx, &c,
				      inventory_cache_key(&cx, &other, digest, HM_STR("asked")),
				      &got));
	assert_int_equal(got.n, 0);
	const char *path = cache_file(&cx, o.cache_dir, key);
	assert_ok(hm_read_file(&cx, path, 1 << 20, &file));
	for (size_t i = 0; i < file.n; i++) {
		struct hm_str bad_file = hm_dup(&cx, file);
		((char *)(uintptr_t)bad_file.p)[i] ^= 1;
		assert_false(inventory_cache_decode(bad_file, key, &got));
		assert_false(inventory_cache_decode(hm_sub(file, 0, i), key, &got));
	}
	assert_ok(hm_write_file(&cx, path, HM_STR("garbage"), 0600));
	assert_ok(inventory_cache_get(&cx, &c, key, &got));
	assert_int_equal(got.n, 0);
	o.cache_dir = NULL;
	inventory_cache_open(&cx, &o, &off);
	inventory_cache_put(&cx, &off, key, HM_STR("an answer"));
	assert_ok(inventory_cache_get(&cx, &c, key, &got));
	assert_int_equal(got.n, 0);
}

static void set_byte(struct hm_cx *cx, const char *path, size_t back)
{
	struct hm_str file;
	assert_ok(hm_read_file(cx, path, 1 << 20, &file));
	((char *)(uintptr_t)file.p)[file.n - back] ^= 1;
	assert_ok(hm_write_file(cx, path, file, 0600));
}

/* What another room keeps is believed where the same user kept it on the same machine. */
static void keeps_what_others_found(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *dir = unit_temp_dir();
	struct inventory_kept k = { hm_path(&cx, dir, "cache"), hm_path(&cx, dir, "data/layers") };
	struct inventory_kept off = { NULL, k.secret }, other = k;
	struct hm_str key = HM_STR("a key"), got;
	other.secret = hm_path(&cx, dir, "elsewhere/layers");
	assert_ok(inventory_kept_get(&cx, &k, key, &got));
	assert_int_equal(got.n, 0);
	inventory_kept_put(&cx, &off, key, HM_STR("keyrings"));
	assert_ok(inventory_kept_get(&cx, &off, key, &got));
	assert_int_equal(got.n, 0);
	inventory_kept_put(&cx, &k, key, HM_STR("keyrings"));
	assert_ok(inventory_kept_get(&cx, &k, key, &got));
	assert_strz(got, "keyrings");
	assert_ok(inventory_kept_get(&cx, &k, HM_STR("another key"), &got));
	assert_int_equal(got.n, 0);
	/* The cache was brought here from another machine, or another user wrote it. */
	assert_ok(inventory_kept_get(&cx, &other, key, &got));
	assert_int_equal(got.n, 0);
	/* Whoever writes there can make a right checksum, but no seal. */
	struct inventory_cache c = { .files = { .dir = k.dir, .max = HM_MAX_CACHED_LAYERS } };
	struct hm_str file;
	assert_ok(inventory_cache_get(&cx, &c, key, &file));
	for (size_t i = 0; i < file.n; i++) {
		struct hm_str bad_file = hm_dup(&cx, file);
		((char *)(uintptr_t)bad_file.p)[i] ^= 1;
		inventory_cache_put(&cx, &c, key, bad_file);
		assert_ok(inventory_kept_get(&cx, &k, key, &got));
		assert_int_equal(got.n, 0);
	}
	inventory_cache_put(&cx, &c, HM_STR("another key"), file);
	assert_ok(inventory_kept_get(&cx, &k, HM_STR("another key"), &got));
	assert_int_equal(got.n, 0);
	inventory_kept_put(&cx, &k, key, HM_STR("keyrings"));
	set_byte(&cx, cache_file(&cx, k.dir, key), 1);
	assert_ok(inventory_kept_get(&cx, &k, key, &got));
	assert_int_equal(got.n, 0);
}

static const char *seed_file(struct hm_cx *cx, const struct inventory_options *o)
{
	return hm_fmt(cx, "%s.seed", o->cache_dir).p;
}

static bool is_same_seed(const struct inventory_cache *a, const struct inventory_cache *b)
{
	return memcmp(&a->seed, &b->seed, sizeof(a->seed)) == 0;
}

/* The seed stays with the cache. What is of another one is not there. */
static void a_cache_has_its_seed(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct inventory_options o = { .cache_dir = hm_path(&cx, unit_temp_dir(), "kept/layers") };
	struct inventory_cache c, same, other;
	struct hm_str got, file, digest = HM_STR("sha256:00ff");
	struct stat st;
	inventory_cache_open(&cx, &o, &c);
	const char *path = seed_file(&cx, &o);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	inventory_cache_open(&cx, &o, &same);
	assert_true(is_same_seed(&c, &same));
	assert_str(same.key, c.key);
	struct hm_str key = inventory_cache_key(&cx, &c, digest, HM_STR("asked"));
	inventory_cache_put(&cx, &c, key, HM_STR("an answer"));
	assert_ok(hm_read_file(&cx, path, HM_MIB, &file));
	for (size_t i = 0; i < 2 * file.n; i += 3) { /* another byte, then cut short */
		struct hm_str changed =
			hm_dup(&cx, hm_sub(file, 0, i < file.n ? file.n : i - file.n));
		if (i < file.n)
			((char *)(uintptr_t)changed.p)[i] ^= 1;
		assert_ok(hm_write_file(&cx, path, changed, 0600));
		inventory_cache_open(&cx, &o, &other);
		assert_false(is_same_seed(&c, &other));
		struct hm_str other_key = inventory_cache_key(&cx, &other, digest, HM_STR("asked"));
		assert_false(hm_eq(key, other_key));
		assert_ok(inventory_cache_get(&cx, &other, other_key, &got));
		assert_int_equal(got.n, 0);
	}
	assert_ok(hm_write_file(&cx, path, file, 0600)); /* and back */
	inventory_cache_open(&cx, &o, &other);
	assert_true(is_same_seed(&c, &other));
	assert_ok(inventory_cache_get(&cx, &other, key, &got));
	assert_strz(got, "an answer");
	assert_int_equal(chmod(path, 0604), 0);
	inventory_cache_open(&cx, &o, &other);
	assert_false(is_same_seed(&c, &other));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
}

/* Without a place for the seed nothing is kept; without a cache each image has its own. */
static void a_seed_without_a_cache_is_new(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct inventory_options o = { .cache_dir = hm_path(&cx, unit_temp_dir(), "none") };
	struct inventory_cache c[4];
	assert_ok(hm_mkdirs(&cx, hm_path(&cx, seed_file(&cx, &o), "folder"), 0700));
	for (int i = 0; i < 4; i++) {
		if (i == 2)
			o.cache_dir = NULL;
		inventory_cache_open(&cx, &o, &c[i]);
		assert_null(c[i].files.dir);
		for (int k = 0; k < i; k++)
			assert_false(is_same_seed(&c[i], &c[k]));
	}
}

/* Many that make it at once agree. */
enum { AT_ONCE = 16 };

struct openers {
	const struct inventory_options *o;
	struct inventory_seed seeds[AT_ONCE];
};

static hm_err open_one(struct hm_cx *cx, void *arg, size_t i)
{
	struct openers *all = arg;
	struct inventory_cache c;
	inventory_cache_open(cx, all->o, &c);
	all->seeds[i] = c.seed;
	return c.files.dir ? NULL : hm_fail(cx, HM_SYSTEM, "no seed");
}

static void seeds_made_at_once_are_one(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	for (int times = 0; times < 8; times++) {
		const char *dir =
			hm_path(&cx, unit_temp_dir(), hm_fmt(&cx, "at-once-%d/layers", times).p);
		struct inventory_options o = { .cache_dir = dir };
		struct openers all = { .o = &o };
		assert_ok(hm_parallel(&cx, AT_ONCE, AT_ONCE, HM_MIB, open_one, &all));
		for (int i = 1; i < AT_ONCE; i++)
			assert_memory_equal(&all.seeds[i], &all.seeds[0], sizeof(all.seeds[0]));
	}
}

/* What was asked differs far behind, or behind a NUL: the answer is another one. */
static void an_answer_is_to_what_was_asked(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct inventory_options o = { .cache_dir = hm_path(&cx, unit_temp_dir(), "asked") };
	struct inventory_cache c;
	struct hm_str got, file, digest = HM_STR("sha256:00ff");
	inventory_cache_open(&cx, &o, &c);
	static const size_t sizes[] = { 0, 1, 100, 5000, 60000 };
	for (size_t i = 0; i < HM_LEN(sizes); i++) {
		char *a = hm_new(&cx, char, sizes[i] + 1), *b = hm_new(&cx, char, sizes[i] + 1);
		a[sizes[i]] = 'a';
		b[sizes[i]] = 'b';
		struct hm_str one = inventory_cache_key(&cx, &c, digest, hm_bytes(a, sizes[i] + 1));
		struct hm_str two = inventory_cache_key(&cx, &c, digest, hm_bytes(b, sizes[i] + 1));
		inventory_cache_put(&cx, &c, one, HM_STR("of one"));
		assert_ok(inventory_cache_get(&cx, &c, two, &got));
		assert_int_equal(got.n, 0);
		assert_ok(inventory_cache_get(&cx, &c, one, &got));
		assert_strz(got, "of one");
		/* nor does a file count that lies under the other's name */
		assert_ok(hm_read_file(&cx, cache_file(&cx, o.cache_dir, one), HM_MIB, &file));
		assert_ok(hm_write_file(&cx, cache_file(&cx, o.cache_dir, two), file, 0600));
		assert_ok(inventory_cache_get(&cx, &c, two, &got));
		assert_int_equal(got.n, 0);
	}
	/* digest and question do not run into each other */
	inventory_cache_put(&cx, &c, inventory_cache_key(&cx, &c, HM_STR("sha256:1"), HM_STR("2")),
			    HM_STR("x"));
	assert_ok(inventory_cache_get(&cx, &c,
				      inventory_cache_key(&cx, &c, HM_STR("sha256:12"), HM_STR("")),
				      &got));
	assert_int_equal(got.n, 0);
}

int main(void)
{
	UNIT_TABLE(merges, images);
	UNIT_TABLE(does_not_guess, unknown);
	UNIT(leaves_no_link_out);
	UNIT(asks_for_no_more_links_than_the_limits);
	UNIT(a_request_comes_as_it_was_written);
	UNIT_TABLE(refuses, bad);
	UNIT(reads_damaged_answers);
	UNIT(caches);
	UNIT(keeps_what_others_found);
	UNIT(a_cache_has_its_seed);
	UNIT(a_seed_without_a_cache_is_new);
	UNIT(seeds_made_at_once_are_one);
	UNIT(an_answer_is_to_what_was_asked);
	return unit_run("inventory/layers");
}
