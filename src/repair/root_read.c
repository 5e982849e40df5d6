/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/root.h"

/* Folders with all below them, and beginnings of names. */
static const char *const kept[] = {
	"etc/",
	"root/.bashrc",
	"root/.profile",
	"usr/lib/php/",
	"usr/lib/sysusers.d/",
	"usr/lib/systemd/system/",
	"lib/systemd/system/",
	"usr/lib/tmpfiles.d/",
	"usr/local/share/ca-certificates/",
	"usr/sbin/update-gsfontmap",
	"usr/share/apache2/apache2-maintscript-helper",
	"usr/share/apache2/default-site/",
	"usr/share/base-files/",
	"usr/share/ca-certificates/",
	"usr/share/debianutils/shells.d/",
	"usr/share/dpkg/sh/",
	"usr/share/libgcrypt20/",
	"usr/share/mysql-common/",
	"usr/share/pam-configs/",
	"usr/share/pam/common-",
	"usr/share/php",
	"usr/share/postgresql-common/",
	"usr/share/tomcat10/",
	"usr/share/tomcat9/",
	"var/cache/debconf/config.dat",
	"var/lib/dpkg/alternatives/",
	"var/lib/dpkg/diversions",
	"var/lib/dpkg/info/postgresql-",
	"var/lib/dpkg/statoverride",
	"var/lib/dpkg/triggers/",
	"var/lib/ghostscript/fonts/",
	"var/lib/pam/",
	"var/lib/systemd/deb-systemd-helper-enabled/",
	"var/lib/ucf/hashfile",
	"var/lib/ucf/registry",
	"var/www/html/index.html",
};

bool repair_root_is_read(struct hm_str path)
{
	for (size_t i = 0; i < HM_LEN(kept); i++)
		if (hm_starts(path, hm_cstr(kept[i])))
			return true;
	return false;
}
