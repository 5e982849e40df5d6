/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/catalogers/common.h"

#define PATHS(...)                \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

/* clang-format off */
const struct inventory_cataloger inventory_catalogers[] = {
	/* the distribution, and its packages: what these files say must be known */
	{ "os-release", PATHS("etc/os-release", "usr/lib/os-release", "etc/alpine-release",
			       "etc/apk/repositories", "etc/debian_version", "etc/lsb-release",
			       "etc/redhat-release", "etc/centos-release", "etc/system-release"),
	  INVENTORY_INSTALLED, false, HM_MIB, NULL, inventory_parse_os_release },
	{ "dpkg", PATHS("var/lib/dpkg/status", "var/lib/dpkg/status.d/*", "var/lib/dpkg/info/*.list",
			"usr/lib/dpkg/status", "usr/lib/dpkg/status.d/*", "usr/lib/dpkg/info/*.list",
			"usr/lib/sysimage/dpkg/status", "usr/lib/sysimage/dpkg/status.d/*",
			"usr/lib/sysimage/dpkg/info/*.list", "var/lib/dpkg/updates/*",
			"usr/lib/dpkg/updates/*", "usr/lib/sysimage/dpkg/updates/*",
			"var/lib/dpkg/info/*.md5sums", "usr/lib/dpkg/info/*.md5sums",
			"usr/lib/sysimage/dpkg/info/*.md5sums", "usr/share/doc/*/copyright"),
	  INVENTORY_INSTALLED, true, 0, NULL, inventory_parse_dpkg },
	{ "apk", PATHS("lib/apk/db/installed", "usr/lib/apk/db/installed"),
	  INVENTORY_INSTALLED, true, 0, NULL, inventory_parse_apk },
	{ "rpm", PATHS("var/lib/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/rpmdb.sqlite", "usr/share/rpm/rpmdb.sqlite",
		       "var/lib/rpm/rpmdb.sqlite-wal", "usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
		       "usr/share/rpm/rpmdb.sqlite-wal",
		       "var/lib/rpm/Packages", "usr/lib/sysimage/rpm/Packages", "usr/share/rpm/Packages",
		       "var/lib/rpm/Packages.db", "usr/lib/sysimage/rpm/Packages.db", "usr/share/rpm/Packages.db"),
	  INVENTORY_INSTALLED, true, 0, "-wal", inventory_parse_rpm },

	{ "rpmmanifest", PATHS("var/lib/rpmmanifest/container-manifest-1", "var/lib/rpmmanifest/container-manifest-2"),
	  INVENTORY_INSTALLED, true, 64 * HM_MIB, NULL, inventory_parse_rpm_manifest },
	{ "chisel", PATHS("**/manifest.wall"),
	  INVENTORY_INSTALLED, true, 16 * HM_MIB, NULL, inventory_parse_chisel },

	/* what was installed beside them */
	{ "npm-installed", PATHS("**/node_modules/*/package.json", "**/node_modules/@*/*/package.json",
				 "usr/share/nodejs/*/package.json", "usr/share/nodejs/@*/*/package.json",
				 "usr/lib/nodejs/*/package.json", "usr/lib/nodejs/@*/*/package.json",
				 "usr/lib/*/nodejs/*/package.json", "usr/lib/*/nodejs/@*/*/package.json"),
	  INVENTORY_INSTALLED, false, 64 * HM_MIB, NULL, inventory_parse_npm_installed },
	{ "python-installed", PATHS("**/~*dist-info/METADATA", "**/~*dist-info/PKG-INFO",
				    "**/~*egg-info/METADATA", "**/~*egg-info/PKG-INFO", "**/~*.egg-info", "**/~*.egg"),
	  INVENTORY_INSTALLED, false, 64 * HM_MIB, NULL, inventory_parse_python_installed },
	{ "npm-app", PATHS("**/package.json"),
	  INVENTORY_INSTALLED, false, 16 * HM_MIB, NULL, inventory_parse_npm_app },
	{ "npm-origin", PATHS("**/node_modules/.package-lock.json"),
	  INVENTORY_INSTALLED, false, 64 * HM_MIB, NULL, inventory_parse_npm_origin },
	{ "python-origin", PATHS("**/~*dist-info/direct_url.json"),
	  INVENTORY_INSTALLED, false, HM_MIB, NULL, inventory_parse_python_origin },
	{ "go", PATHS(INVENTORY_GO_ELF),
	  INVENTORY_INSTALLED, false, 0, NULL, inventory_parse_go },
	{ "cargo-auditable", PATHS(INVENTORY_RUST_ELF),
	  INVENTORY_INSTALLED, false, 0, NULL, inventory_parse_cargo_auditable },
	{ "java", PATHS("**/~*.jar", "**/~*.war", "**/~*.ear", "**/~*.jpi", "**/~*.hpi",
		       "**/~*.par", "**/~*.sar", "**/~*.nar", "**/~*.kar"),
	  INVENTORY_INSTALLED, false, 0, NULL, inventory_parse_java },

	/* what is only declared */
	{ "npm-lock", PATHS("**/package-lock.json", "**/npm-shrinkwrap.json"),
	  INVENTORY_DECLARED, false, 64 * HM_MIB, NULL, inventory_parse_npm_lock },
	{ "requirements", PATHS("**/requirements*.txt", "**/*requirements.txt", "**/requirements/*.txt"),
	  INVENTORY_DECLARED, false, 16 * HM_MIB, NULL, inventory_parse_requirements },
	{ "cargo-lock", PATHS("**/Cargo.lock"),
	  INVENTORY_DECLARED, false, 32 * HM_MIB, NULL, inventory_parse_cargo_lock },
	{ "cargo-manifest", PATHS("**/Cargo.toml"),
	  INVENTORY_DECLARED, false, 4 * HM_MIB, NULL, inventory_parse_cargo_manifest },
	{ 0 },
};
/* clang-format on */

const struct inventory_cataloger *inventory_cataloger_find(const char *name)
{
	for (const struct inventory_cataloger *c = inventory_catalogers; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}
