/* SPDX-License-Identifier: Apache-2.0 */
/* Advisories into a database, and components against it. */
#include "unit.h"

#include <stdlib.h>

#include "advisory/assess.h"
#include "advisory/db.h"
#include "advisory/feeds/feeds.h"
#include "advisory/match.h"

/* clang-format off */
static const char *const documents[] = {
	"{'id':'GHSA-aaaa','modified':'2024-01-01T00:00:00Z','aliases':['CVE-2024-0001'],'summary':'left pad reads too far',"
	"'severity':[{'type':'CVSS_V3','score':'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'}],"
	"'affected':[{'package':{'ecosystem':'npm','name':'left-pad'},'ranges':[{'type':'SEMVER','events':[{'introduced':'0'},{'fixed':'1.2.0'}]},"
	"{'type':'SEMVER','events':[{'introduced':'2.0.0'},{'fixed':'2.1.0'}]}]}],'references':[{'type':'ADVISORY','url':'https://example.com/a'}]}",
	"{'id':'PYSEC-1','modified':'2024-01-01T00:00:00Z','aliases':['GHSA-bbbb'],"
	"'affected':[{'package':{'ecosystem':'PyPI','name':'Zope.Interface'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'last_affected':'5.0'}]}],"
	"'versions':['6.0']}]}",
	"{'id':'GHSA-bbbb','modified':'2024-01-01T00:00:00Z','database_specific':{'severity':'MODERATE'},"
	"'affected':[{'package':{'ecosystem':'PyPI','name':'zope-interface'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'5.1'}]}]}]}",
	"{'id':'DEBIAN-CVE-2024-0001','modified':'2024-01-01T00:00:00Z','upstream':['CVE-2024-0001'],"
	"'affected':[{'package':{'ecosystem':'Debian:12','name':'padding'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'1:1.2-3+deb12u1'}]}]}]}",
	"{'id':'DSA-7-1','modified':'2024-01-01T00:00:00Z','upstream':['CVE-2024-0001','CVE-2024-0002'],"
	"'affected':[{'package':{'ecosystem':'Debian:12','name':'padding'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'1:1.2-3+deb12u2'}]}]}]}",
	"{'id':'ALSA-2024:1','modified':'2024-01-01T00:00:00Z','summary':'Important: nodejs:16 security update','related':['CVE-2024-0003'],"
	"'affected':[{'package':{'ecosystem':'AlmaLinux:8','name':'nodejs'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'1:16.20.2-1.module_el8.8.0'}]}]}]}",
	"{'id':'DEBIAN-CVE-2024-0009','modified':'2024-01-01T00:00:00Z','upstream':['CVE-2024-0009'],"
	"'affected':[{'package':{'ecosystem':'Debian:12','name':'linux'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'6.1.119-1'}]}]}]}",
	"{'id':'ALSA-2024:3','modified':'2024-01-01T00:00:00Z','summary':'Moderate: ruby:2.7 security update','related':['CVE-2024-0008'],"
	"'affected':[{'package':{'ecosystem':'AlmaLinux:8','name':'rubygem-json'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'2.3.0-139.module_el8.9.0+1+aa'}]}]}]}",
	"{'id':'ALSA-2024:2','modified':'2024-01-01T00:00:00Z','summary':'Low: bash security update','related':['CVE-2024-0004','CVE-2024-0005'],"
	"'affected':[{'package':{'ecosystem':'AlmaLinux:8','name':'bash'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'4.4.20-5.el8'}]}]}]}",
	"{'id':'ALPINE-CVE-2024-0006','modified':'2024-01-01T00:00:00Z','upstream':['CVE-2024-0006'],"
	"'affected':[{'package':{'ecosystem':'Alpine:v3.18','name':'busybox'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'0'}]}]},"
	"{'package':{'ecosystem':'Alpine:v3.19','name':'busybox'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'1.36.1-r6'}]}]}]}",
	"{'id':'SUSE-SU-1','modified':'2024-01-01T00:00:00Z',"
	"'affected':[{'package':{'ecosystem':'SUSE:Linux Enterprise Module for Basesystem 15 SP5','name':'openssl-3'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'3.0.8-1.2'}]}]}]}",
	"{'id':'SUSE-SU-2','modified':'2024-01-01T00:00:00Z',"
	"'affected':[{'package':{'ecosystem':'SUSE:Linux Enterprise Server 15 SP1-LTSS','name':'openssl-3'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'3.0.8-1.1'}]}]}]}",
	"{'id':'SUSE-SU-3','modified':'2024-01-01T00:00:00Z',"
	"'affected':[{'package':{'ecosystem':'SUSE:Linux Enterprise Server 15','name':'openssl-3'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'3.0.8-1.0'}]}]}]}",
	"{'id':'openSUSE-1','modified':'2024-01-01T00:00:00Z',"
	"'affected':[{'package':{'ecosystem':'openSUSE:Leap 15.5','name':'openssl-3'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'3.0.8-1.2'}]}]}]}",
	"{'id':'openSUSE-2','modified':'2024-01-01T00:00:00Z',"
	"'affected':[{'package':{'ecosystem':'openSUSE:Tumbleweed','name':'openssl-3'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'3.0.8-1.3'}]}]}]}",
	/* as SUSE writes them: the source package, a purl without version, the binary packages */
	"{'id':'SUSE-SU-2024:1-1','modified':'2024-01-01T00:00:00Z','upstream':['CVE-2024-0010','CVE-2024-0011'],'related':['CVE-2024-0010','CVE-2024-0011'],"
	"'affected':[{'package':{'ecosystem':'SUSE:Linux Enterprise Server 16.0','name':'openssl-3','purl':'pkg:rpm/suse/openssl-3'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'3.5.0-160000.2.1'}]}],'ecosystem_specific':{'binaries':[{'libopenssl3':'3.5.0-160000.2.1','openssl-3':'3.5.0-160000.2.1'}]}},"
	"{'package':{'ecosystem':'SUSE:Linux Enterprise Server for SAP applications 16.0','name':'openssl-3','purl':'pkg:rpm/suse/openssl-3'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'3.5.0-160000.2.1'}]}],'ecosystem_specific':{'binaries':[{'libopenssl3':'3.5.0-160000.2.1','openssl-3':'3.5.0-160000.2.1'}]}},"
	"{'package':{'ecosystem':'openSUSE:Leap 16.0','name':'openssl-3','purl':'pkg:rpm/suse/openssl-3'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'3.5.0-160000.2.1'}]}],'ecosystem_specific':{'binaries':[{'libopenssl3':'3.5.0-160000.2.1','openssl-3':'3.5.0-160000.2.1'}]}}]}",
	"{'id':'SUSE-SU-2024:2-1','modified':'2024-01-01T00:00:00Z','related':['CVE-2024-0012'],"
	"'affected':[{'package':{'ecosystem':'SUSE:Linux Enterprise Micro 5.5','name':'openssl-3','purl':'pkg:rpm/suse/openssl-3'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'3.0.8-150500.5.1'}]}],'ecosystem_specific':{'binaries':[{'libopenssl3':'3.0.8-150500.5.1','openssl-3':'3.0.8-150500.5.1'}]}},"
	"{'package':{'ecosystem':'SUSE:Linux Micro 6.0','name':'openssl-3','purl':'pkg:rpm/suse/openssl-3'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'3.1.4-9.1'}]}],'ecosystem_specific':{'binaries':[{'libopenssl3':'3.1.4-9.1','openssl-3':'3.1.4-9.1'}]}},"
	"{'package':{'ecosystem':'openSUSE:Leap Micro 5.5','name':'openssl-3','purl':'pkg:rpm/suse/openssl-3'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'3.0.8-150500.5.1'}]}],'ecosystem_specific':{'binaries':[{'libopenssl3':'3.0.8-150500.5.1','openssl-3':'3.0.8-150500.5.1'}]}}]}",
	"{'id':'SUSE-SU-2024:3-1','modified':'2024-01-01T00:00:00Z','related':['CVE-2024-0013'],"
	"'affected':[{'package':{'ecosystem':'SUSE:Linux Enterprise Module for Legacy 12','name':'openssl-3','purl':'pkg:rpm/suse/openssl-3'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'1.1.1d-2.1'}]}],'ecosystem_specific':{'binaries':[{'libopenssl3':'1.1.1d-2.1','openssl-3':'1.1.1d-2.1'}]}},"
	"{'package':{'ecosystem':'SUSE:Linux Enterprise Server 12','name':'openssl-3','purl':'pkg:rpm/suse/openssl-3'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'1.1.1d-1.1'}]}],'ecosystem_specific':{'binaries':[{'libopenssl3':'1.1.1d-1.1','openssl-3':'1.1.1d-1.1'}]}}]}",
	"{'id':'openSUSE-SU-2024:4-1','modified':'2024-01-01T00:00:00Z','related':['CVE-2024-0014'],"
	"'affected':[{'package':{'ecosystem':'SUSE:Package Hub 15 SP6','name':'openssl-3','purl':'pkg:rpm/suse/openssl-3'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'3.1.4-bp156.2.1'}]}],'ecosystem_specific':{'binaries':[{'libopenssl3':'3.1.4-bp156.2.1','openssl-3':'3.1.4-bp156.2.1'}]}},"
	"{'package':{'ecosystem':'openSUSE:Leap 15.6 NonFree','name':'openssl-3','purl':'pkg:rpm/suse/openssl-3'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'3.1.4-bp156.2.1'}]}],'ecosystem_specific':{'binaries':[{'libopenssl3':'3.1.4-bp156.2.1','openssl-3':'3.1.4-bp156.2.1'}]}}]}",
	/* as Ubuntu writes them: a binary package that is numbered unlike its source; the older form */
	"{'id':'UBUNTU-CVE-2024-0020','modified':'2024-01-01T00:00:00Z','upstream':['CVE-2024-0020'],"
	"'affected':[{'package':{'ecosystem':'Ubuntu:24.04:LTS','name':'dotnet8'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'8.0.108-8.0.8-0ubuntu1'}]}],'versions':['8.0.107-8.0.7-0ubuntu1'],"
	"'ecosystem_specific':{'binaries':[{'binary_name':'dotnet-host-8.0','binary_version':'8.0.8-0ubuntu1'},{'binary_name':'dotnet-sdk-8.0','binary_version':'8.0.108-0ubuntu1'},{'binary_name':'linux-host','binary_version':'1'},{'binary_name':7},8]}},"
	"{'package':{'ecosystem':'Ubuntu:22.04:LTS','name':'openssl'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'3.0.2-0ubuntu1.17'}]}],'ecosystem_specific':{'binaries':[{'libssl3':'3.0.2-0ubuntu1.17','openssl':'3.0.2-0ubuntu1.17'}]}},"
	"{'package':{'ecosystem':'Ubuntu:22.04:LTS','name':'linux'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'}]}],'ecosystem_specific':{'binaries':[{'linux-libc-dev':'5.15.0-1.1','linux-image-5.15.0-1-generic':'5.15.0-1.1','linux-hwe-5.15-tools-common':'5.15.0-1.1','linux-hwe-5.15-tools-5.15.0-1':'5.15.0-1.1'}]}}]}",
	/* one advisory of a source does not say what it builds; another source builds what is called like it */
	"{'id':'UBUNTU-CVE-2024-0021','modified':'2024-01-01T00:00:00Z','upstream':['CVE-2024-0021'],"
	"'affected':[{'package':{'ecosystem':'Ubuntu:22.04:LTS','name':'openssl'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'}]}]}]}",
	"{'id':'UBUNTU-CVE-2024-0022','modified':'2024-01-01T00:00:00Z','upstream':['CVE-2024-0022'],"
	"'affected':[{'package':{'ecosystem':'Ubuntu:22.04:LTS','name':'openssl-old'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'4'}]}],'ecosystem_specific':{'binaries':[{'openssl':'4'}]}},"
	"{'package':{'ecosystem':'Ubuntu:22.04:LTS','name':'openssl'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'9'}]}],'ecosystem_specific':{'binaries':[{'libssl9':'9'}]}}]}",
	/* binary packages numbered unlike their sources, whose first version is not affected; and one with more than a fix */
	"{'id':'UBUNTU-CVE-2024-0023','modified':'2024-01-01T00:00:00Z','upstream':['CVE-2024-0023'],"
	"'affected':[{'package':{'ecosystem':'Ubuntu:24.04:LTS','name':'gcc-defaults'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'1.100'},{'fixed':'1.200'}]}],'versions':['1.150'],'ecosystem_specific':{'binaries':[{'g++':'0.9-2'}]}},"
	"{'package':{'ecosystem':'Ubuntu:24.04:LTS','name':'more-defaults'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'1.100'},{'fixed':'1.200'},{'limit':'1.300'}]}],'ecosystem_specific':{'binaries':[{'limited':'0.9-2'}]}}]}",
	/* several entries of one package: the worst counts, wherever it stands */
	"{'id':'PYSEC-3','modified':'2024-01-01T00:00:00Z',"
	"'affected':[{'package':{'ecosystem':'PyPI','name':'thrice'},'database_specific':{'severity':'LOW'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'}]}]},"
	"{'package':{'ecosystem':'PyPI','name':'thrice'},'database_specific':{'severity':'HIGH'},'severity':[{'type':'CVSS_V3','score':'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N'}],'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'}]}]},"
	"{'package':{'ecosystem':'PyPI','name':'thrice'},'severity':[{'type':'CVSS_V3','score':'CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N'}],'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'}]}]}]}",
	"{'id':'AZL-1','modified':'2024-01-01T00:00:00Z',"
	"'affected':[{'package':{'ecosystem':'Azure Linux:2','name':'openssl'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'1.1.1k-16'}]}]}]}",
	"{'id':'PHSA-1','modified':'2024-01-01T00:00:00Z',"
	"'affected':[{'package':{'ecosystem':'Photon OS:3.0','name':'openssl'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'0'},{'fixed':'1.1.1k-17'}]}]}]}",
	"{'id':'GO-2024-1','modified':'0001-01-01T00:00:00Z','aliases':['CVE-2024-0007'],"
	"'affected':[{'package':{'ecosystem':'Go','name':'example.com/mod'},'ranges':[{'type':'SEMVER','events':[{'introduced':'1.0.0'},{'fixed':'1.0.5'},{'introduced':'1.1.0'},{'fixed':'1.1.2'}]}]}]}",
	"{'id':'GHSA-cccc','modified':'2024-01-01T00:00:00Z','aliases':['CVE-2021-44228'],'database_specific':{'severity':'CRITICAL'},"
	"'affected':[{'package':{'ecosystem':'Maven','name':'org.apache.logging.log4j:log4j-core'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'2.13.0'},{'fixed':'2.15.0'}]}]},"
	"{'package':{'ecosystem':'Maven','name':'org.apache.logging.log4j:log4j-core'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'2.0-beta9'},{'fixed':'2.3.1'}]}]}]}",
	"{'id':'RUSTSEC-1','modified':'2024-01-01T00:00:00Z','affected':[{'package':{'ecosystem':'crates.io','name':'sleepy'},"
	"'database_specific':{'cvss':'CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N'},'ranges':[{'type':'SEMVER','events':[{'introduced':'0.0.0-0'},{'fixed':'1.0.0'},{'limit':'0.9.0'}]}]}]}",
	"{'id':'PYSEC-2','modified':'2024-01-01T00:00:00Z',"
	"'affected':[{'package':{'ecosystem':'PyPI','name':'torch'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'2.5.0'},{'last_affected':'2.6.0'}]}],'versions':['1.0.0']},"
	"{'package':{'ecosystem':'PyPI','name':'torch'},'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'3.0'},{'fixed':'3.1+sec.2'}]}]}]}",
};
/* clang-format on */

/* What a test stands on: the database of the documents above, and an inventory of one component. */
struct world {
	struct hm_cx cx;
	struct hm_buf file;
	struct advisory_db db;
	struct inventory inv;
};

static hm_err parse(struct hm_cx *cx, const char *quoted, struct advisory_record *out,
		    bool *out_keep)
{
	char *text = hm_dupz(cx, hm_cstr(quoted));
	for (char *p = text; *p; p++)
		if (*p == '\'')
			*p = '"';
	return advisory_osv_parse(cx, hm_cstr(text), out, out_keep);
}

static int by_id(const void *a, const void *b)
{
	return hm_cmp(((const struct advisory_record *)a)->id,
		      ((const struct advisory_record *)b)->id);
}

static void world_init(struct world *w)
{
	*w = (struct world){ .cx = HM_CX(SIZE_MAX), .file = HM_BUF(HM_GIB) };
	struct advisory_record records[HM_LEN(documents)];
	for (size_t i = 0; i < HM_LEN(documents); i++) {
		bool keep;
		assert_ok(parse(&w->cx, documents[i], &records[i], &keep));
		assert_true(keep);
	}
	qsort(records, HM_LEN(documents), sizeof(records[0]), by_id);
	const struct advisory_beside none = { 0 };
	assert_ok(advisory_db_build(&w->cx, records, HM_LEN(documents), &none, &w->file));
	assert_ok(advisory_db_of(&w->cx, hm_buf_str(&w->file), &w->db));
}

static void world_done(struct world *w)
{
	hm_buf_done(&w->file);
	hm_cx_done(&w->cx);
}

static const struct match_case {
	const char *label;
	const char *type, *namespace, *name, *version, *distro, *source, *source_version, *owner;
	const char *want; /* "ID severity [fixed,...] (source)" of each match */
} cases[] = {
	{ "npm: below the fixed version, rated by its vector", "npm", "", "left-pad", "1.1.9", "",
	  "", "", "", "CVE-2024-0001 critical [1.2.0] (CVSS of GHSA-aaaa)" },
	{ "npm: at the fixed version", "npm", "", "left-pad", "1.2.0", "", "", "", "", "" },
	{ "npm: in the second range", "npm", "", "left-pad", "2.0.5", "", "", "", "",
	  "CVE-2024-0001 critical [2.1.0] (CVSS of GHSA-aaaa)" },
	{ "npm: a scope is part of the name", "npm", "@evil", "left-pad", "1.1.9", "", "", "", "",
	  "" },
	{ "npm: an unpinned requirement never matches", "npm", "", "left-pad", "", "", "", "", "",
	  "" },
	{ "npm: an owner that is not there hides nothing", "npm", "", "left-pad", "1.1.9", "", "",
	  "", "pkg:deb/debian/padding@1", "CVE-2024-0001 critical [1.2.0] (CVSS of GHSA-aaaa)" },
	{ "pypi: names are normalised, records with a name in common are one", "pypi", "",
	  "zope_interface", "5.0", "", "", "", "", "GHSA-bbbb medium [5.1] (advisory GHSA-bbbb)" },
	{ "pypi: a listed version is affected", "pypi", "", "Zope.Interface", "6.0.0", "", "", "",
	  "", "PYSEC-1 medium [] (record GHSA-bbbb of the same vulnerability)" },
	{ "pypi: neither listed nor in a range", "pypi", "", "zope-interface", "5.5", "", "", "",
	  "", "" },
	{ "deb: by source package and version; one match a CVE, fixes of all records", "deb",
	  "debian", "libpadding1", "1.2-3+b1", "debian-12", "padding", "1:1.2-3", "",
	  "CVE-2024-0001 critical [1:1.2-3+deb12u1,1:1.2-3+deb12u2] (record GHSA-aaaa of the same vulnerability)\n"
	  "CVE-2024-0002 unknown [1:1.2-3+deb12u2] ()" },
	{ "deb: between two fixes only the later counts", "deb", "debian", "padding",
	  "1:1.2-3+deb12u1", "debian-12.5", "", "", "",
	  "CVE-2024-0001 critical [1:1.2-3+deb12u2] (record GHSA-aaaa of the same vulnerability)\n"
	  "CVE-2024-0002 unknown [1:1.2-3+deb12u2] ()" },
	{ "deb: another release", "deb", "debian", "padding", "1:1.2-3", "debian-11", "", "", "",
	  "" },
	{ "deb: another distribution", "deb", "ubuntu", "padding", "1:1.2-3", "ubuntu-12", "", "",
	  "", "" },
	{ "deb: no release", "deb", "debian", "padding", "1:1.2-3", "debian", "", "", "", "" },
	{ "rpm: the erratum's rating and the module's stream", "rpm", "almalinux", "nodejs",
	  "1:16.14.0-4.module_el8.6.0", "almalinux-8.6", "nodejs", "", "",
	  "CVE-2024-0003 high [1:16.20.2-1.module_el8.8.0] (advisory ALSA-2024:1)" },
	{ "rpm: another stream of the module", "rpm", "almalinux", "nodejs",
	  "1:14.21.3-1.module_el8.7.0", "almalinux-8.6", "", "", "", "" },
	{ "rpm: no module at all", "rpm", "almalinux", "nodejs", "1:16.14.0-4.el8", "almalinux-8.6",
	  "", "", "", "" },
	{ "rpm: one match for each CVE of an erratum", "rpm", "almalinux", "bash", "4.4.20-4.el8",
	  "almalinux-8", "", "", "",
	  "CVE-2024-0004 low [4.4.20-5.el8] (advisory ALSA-2024:2)\n"
	  "CVE-2024-0005 low [4.4.20-5.el8] (advisory ALSA-2024:2)" },
	{ "rpm: a missing epoch is 0", "rpm", "almalinux", "bash", "0:4.4.20-5.el8", "almalinux-8",
	  "", "", "", "" },
	{ "rpm: binary packages that are not named", "rpm", "almalinux", "bash-doc", "4.4.20-4.el8",
	  "almalinux-8", "bash", "4.4.20-4.el8", "", "" },
	{ "rpm: SUSE's modules of a service pack, by source", "rpm", "sles", "libopenssl3",
	  "3.0.8-1.1", "sles-15.5", "openssl-3", "3.0.8-1.1", "",
	  "SUSE-SU-1 unknown [3.0.8-1.2] ()" },
	{ "rpm: fixed there", "rpm", "sles", "libopenssl3", "3.0.8-1.2", "sles-15.5", "openssl-3",
	  "3.0.8-1.2", "", "" },
	{ "rpm: SUSE's longer support", "rpm", "sles", "libopenssl3", "3.0.8-1.0", "sles-15.1",
	  "openssl-3", "3.0.8-1.0", "", "SUSE-SU-2 unknown [3.0.8-1.1] ()" },
	{ "rpm: SUSE without service pack", "rpm", "sles", "libopenssl3", "3.0.8-0", "sles-15",
	  "openssl-3", "3.0.8-0", "", "SUSE-SU-3 unknown [3.0.8-1.0] ()" },
	{ "rpm: SUSE's first release", "rpm", "sles", "libopenssl3", "3.0.8-0", "sles-15.0",
	  "openssl-3", "3.0.8-0", "", "SUSE-SU-3 unknown [3.0.8-1.0] ()" },
	{ "rpm: another service pack", "rpm", "sles", "libopenssl3", "3.0.8-0", "sles-15.55",
	  "openssl-3", "3.0.8-0", "", "" },
	{ "rpm: openSUSE by source", "rpm", "opensuse", "libopenssl3", "3.0.8-1.1",
	  "opensuse-leap-15.5", "openssl-3", "3.0.8-1.1", "", "openSUSE-1 unknown [3.0.8-1.2] ()" },
	{ "rpm: openSUSE that rolls", "rpm", "opensuse", "libopenssl3", "3.0.8-1.1",
	  "opensuse-tumbleweed-20240101", "openssl-3", "3.0.8-1.1", "",
	  "openSUSE-2 unknown [3.0.8-1.3] ()" },
	{ "rpm: SUSE's releases after service packs", "rpm", "sles", "libopenssl3",
	  "3.5.0-160000.1.1", "sles-16.0", "openssl-3", "3.5.0-160000.1.1", "",
	  "CVE-2024-0010 unknown [3.5.0-160000.2.1] ()\n"
	  "CVE-2024-0011 unknown [3.5.0-160000.2.1] ()" },
	{ "rpm: the next of them", "rpm", "sles", "libopenssl3", "3.5.0-160000.1.1", "sles-16.1",
	  "openssl-3", "3.5.0-160000.1.1", "", "" },
	{ "rpm: openSUSE Leap 16", "rpm", "opensuse", "libopenssl3", "3.5.0-160000.1.1",
	  "opensuse-leap-16.0", "openssl-3", "3.5.0-160000.1.1", "",
	  "CVE-2024-0010 unknown [3.5.0-160000.2.1] ()\n"
	  "CVE-2024-0011 unknown [3.5.0-160000.2.1] ()" },
	{ "rpm: SUSE's advisories do not name binary packages", "rpm", "sles", "openssl-3",
	  "3.5.0-160000.1.1", "sles-16.0", "other", "3.5.0-160000.1.1", "", "" },
	{ "rpm: SLE Micro", "rpm", "sle-micro", "libopenssl3", "3.0.8-150500.3.1", "sle-micro-5.5",
	  "openssl-3", "3.0.8-150500.3.1", "", "CVE-2024-0012 unknown [3.0.8-150500.5.1] ()" },
	{ "rpm: SLE Micro as images of Rancher name it", "rpm", "sle-micro-rancher", "libopenssl3",
	  "3.0.8-150500.3.1", "sle-micro-rancher-5.5", "openssl-3", "3.0.8-150500.3.1", "",
	  "CVE-2024-0012 unknown [3.0.8-150500.5.1] ()" },
	{ "rpm: SLE Micro in Trivy's purls", "rpm", "suse", "libopenssl3", "3.0.8-150500.3.1",
	  "slem-5.5", "openssl-3", "3.0.8-150500.3.1", "",
	  "CVE-2024-0012 unknown [3.0.8-150500.5.1] ()" },
	{ "rpm: SUSE Linux Micro", "rpm", "sl-micro", "libopenssl3", "3.1.4-8.1", "sl-micro-6.0",
	  "openssl-3", "3.1.4-8.1", "", "CVE-2024-0012 unknown [3.1.4-9.1] ()" },
	{ "rpm: another release of it", "rpm", "sl-micro", "libopenssl3", "3.1.4-8.1",
	  "sl-micro-6.1", "openssl-3", "3.1.4-8.1", "", "" },
	{ "rpm: Leap Micro", "rpm", "opensuse", "libopenssl3", "3.0.8-150500.3.1",
	  "opensuse-leap-micro-5.5", "openssl-3", "3.0.8-150500.3.1", "",
	  "CVE-2024-0012 unknown [3.0.8-150500.5.1] ()" },
	{ "rpm: MicroOS is Tumbleweed", "rpm", "opensuse", "libopenssl3", "3.0.8-1.1",
	  "opensuse-microos-20240228", "openssl-3", "3.0.8-1.1", "",
	  "openSUSE-2 unknown [3.0.8-1.3] ()" },
	{ "rpm: modules of SLE 12 are for all its service packs", "rpm", "sles", "libopenssl1_1",
	  "1.1.1d-1.0", "sles-12.5", "openssl-3", "1.1.1d-1.0", "",
	  "CVE-2024-0013 unknown [1.1.1d-2.1] ()" },
	{ "rpm: and for its first release, beside the products of that", "rpm", "sles",
	  "libopenssl1_1", "1.1.1d-1.0", "sles-12.0", "openssl-3", "1.1.1d-1.0", "",
	  "CVE-2024-0013 unknown [1.1.1d-1.1,1.1.1d-2.1] ()" },
	{ "rpm: Package Hub", "rpm", "sles", "libopenssl3", "3.1.4-bp156.1.1", "sles-15.6",
	  "openssl-3", "3.1.4-bp156.1.1", "", "CVE-2024-0014 unknown [3.1.4-bp156.2.1] ()" },
	{ "rpm: what of Leap is not free", "rpm", "opensuse", "libopenssl3", "3.1.4-bp156.1.1",
	  "opensuse-leap-15.6", "openssl-3", "3.1.4-bp156.1.1", "",
	  "CVE-2024-0014 unknown [3.1.4-bp156.2.1] ()" },
	{ "deb: a binary package of which nobody says what it was built from", "deb", "ubuntu",
	  "libssl3", "3.0.2-0ubuntu1.16", "ubuntu-22.04", "", "", "",
	  "CVE-2024-0020 unknown [3.0.2-0ubuntu1.17] ()" },
	{ "deb: fixed there", "deb", "ubuntu", "libssl3", "3.0.2-0ubuntu1.17", "ubuntu-22.04", "",
	  "", "", "" },
	{ "deb: another release of it", "deb", "ubuntu", "libssl3", "3.0.2-0ubuntu1.16",
	  "ubuntu-24.04", "", "", "", "" },
	{ "deb: one that is called like its source", "deb", "ubuntu", "openssl",
	  "3.0.2-0ubuntu1.16", "ubuntu-22.04", "", "", "",
	  "CVE-2024-0020 unknown [3.0.2-0ubuntu1.17] ()\n"
	  "CVE-2024-0021 unknown [] ()\nCVE-2024-0022 unknown [4] ()" },
	{ "deb: one whose source is said to be of the same name", "deb", "ubuntu", "openssl",
	  "3.0.2-0ubuntu1.17", "ubuntu-22.04", "openssl", "3.0.2-0ubuntu1.17", "",
	  "CVE-2024-0021 unknown [] ()\nCVE-2024-0022 unknown [4,9] ()" },
	{ "deb: a binary package, from its first version to its own fix", "deb", "ubuntu", "g++",
	  "0.9-1", "ubuntu-24.04", "", "", "", "CVE-2024-0023 unknown [0.9-2] ()" },
	{ "deb: with that fix, and a version that is listed of the source", "deb", "ubuntu", "g++",
	  "1.150", "ubuntu-24.04", "", "", "", "" },
	{ "deb: a range with more than a fix is the source's", "deb", "ubuntu", "limited", "0.9-1",
	  "ubuntu-24.04", "", "", "", "" },
	{ "pypi: of several ratings for the package the worst", "pypi", "", "thrice", "1", "", "",
	  "", "", "PYSEC-3 high [] (advisory PYSEC-3)" },
	{ "deb: what it was built from is said", "deb", "ubuntu", "libssl3", "3.0.2-0ubuntu1.16",
	  "ubuntu-22.04", "other", "3.0.2-0ubuntu1.16", "", "" },
	{ "deb: a binary package that is numbered unlike its source", "deb", "ubuntu",
	  "dotnet-host-8.0", "8.0.7-0ubuntu1", "ubuntu-24.04", "", "", "",
	  "CVE-2024-0020 unknown [8.0.8-0ubuntu1] ()" },
	{ "deb: its own version has the fix", "deb", "ubuntu", "dotnet-host-8.0", "8.0.8-0ubuntu1",
	  "ubuntu-24.04", "", "", "", "" },
	{ "deb: the source is compared by its own", "deb", "ubuntu", "dotnet-host-8.0",
	  "8.0.7-0ubuntu1", "ubuntu-24.04", "dotnet8", "8.0.107-8.0.7-0ubuntu1", "",
	  "CVE-2024-0020 unknown [8.0.108-8.0.8-0ubuntu1] ()" },
	{ "deb: a purl names no source, and there is none of the name", "deb", "ubuntu", "libssl3",
	  "3.0.2-0ubuntu1.16", "ubuntu-22.04", "libssl3", "3.0.2-0ubuntu1.16", "",
	  "CVE-2024-0020 unknown [3.0.2-0ubuntu1.17] ()" },
	{ "deb: what a kernel's source builds", "deb", "ubuntu", "linux-libc-dev", "5.15.0-1.0",
	  "ubuntu-22.04", "", "", "", "CVE-2024-0020 unknown [] ()" },
	{ "deb: with a version of the source in the name", "deb", "ubuntu",
	  "linux-hwe-5.15-tools-common", "5.15.0-1.0", "ubuntu-22.04", "", "", "",
	  "CVE-2024-0020 unknown [] ()" },
	{ "deb: binary packages of one kernel are not kept", "deb", "ubuntu",
	  "linux-image-5.15.0-1-generic", "5.15.0-1.0", "ubuntu-22.04", "", "", "", "" },
	{ "deb: nor are its tools", "deb", "ubuntu", "linux-hwe-5.15-tools-5.15.0-1", "5.15.0-1.0",
	  "ubuntu-22.04", "", "", "", "" },
	{ "rpm: CBL-Mariner is Azure Linux", "rpm", "mariner", "openssl-libs", "1.1.1k-15.cm2",
	  "mariner-2.0.20220226", "openssl", "1.1.1k-15.cm2", "", "AZL-1 unknown [1.1.1k-16] ()" },
	{ "rpm: another release of it", "rpm", "azurelinux", "openssl-libs", "1.1.1k-15.azl3",
	  "azurelinux-3.0", "openssl", "1.1.1k-15.azl3", "", "" },
	{ "rpm: Photon OS", "rpm", "photon", "openssl-libs", "1.1.1k-15.ph3", "photon-3.0",
	  "openssl", "1.1.1k-15.ph3", "", "PHSA-1 unknown [1.1.1k-17] ()" },
	{ "rpm: a distribution whose advisories nobody has as OSV", "rpm", "amzn", "openssl-libs",
	  "1.1.1k-15", "amzn-2", "openssl", "1.1.1k-15", "", "" },
	{ "apk: fixed in 0 means never affected", "apk", "alpine", "busybox", "1.30.0-r1",
	  "alpine-3.18.2", "", "", "", "" },
	{ "apk: the release is major and minor", "apk", "alpine", "ssl_client", "1.36.1-r5",
	  "alpine-3.19.0", "busybox", "", "", "CVE-2024-0006 unknown [1.36.1-r6] ()" },
	{ "go: with a v, in the second interval", "golang", "", "example.com/mod", "v1.1.1", "", "",
	  "", "", "CVE-2024-0007 unknown [1.1.2] ()" },
	{ "go: between the intervals", "golang", "example.com", "mod", "v1.0.9", "", "", "", "",
	  "" },
	{ "go: a name whose case a purl lost", "golang", "", "Example.com/Mod", "v1.1.1", "", "",
	  "", "", "CVE-2024-0007 unknown [1.1.2] ()" },
	{ "go: (devel) is no version", "golang", "", "example.com/mod", "(devel)", "", "", "", "",
	  "" },
	{ "maven: group and artifact, stated severity", "maven", "org.apache.logging.log4j",
	  "log4j-core", "2.14.1", "", "", "", "",
	  "CVE-2021-44228 critical [2.15.0] (advisory GHSA-cccc)" },
	{ "maven: the same artifact of another group", "maven", "org.apache", "log4j-core",
	  "2.14.1", "", "", "", "", "" },
	{ "maven: a beta in the old range", "maven", "org.apache.logging.log4j", "log4j-core",
	  "2.0-rc1", "", "", "", "", "CVE-2021-44228 critical [2.3.1] (advisory GHSA-cccc)" },
	{ "cargo: below a limit, rated by the vector of the package", "cargo", "", "sleepy",
	  "0.8.0", "", "", "", "", "RUSTSEC-1 low [1.0.0] (CVSS of RUSTSEC-1)" },
	{ "cargo: beyond the limit", "cargo", "", "sleepy", "0.9.5", "", "", "", "", "" },
	{ "a type without order", "gem", "", "left-pad", "1.0", "", "", "", "", "" },
	{ "deb: a signed kernel is matched as what was signed", "deb", "debian",
	  "linux-image-6.1.0-28-amd64", "6.1.115-1", "debian-12", "linux-signed-amd64", "6.1.115+1",
	  "", "CVE-2024-0009 unknown [6.1.119-1] ()" },
	{ "apk: a purl of Trivy's leaves the name to the namespace", "apk", "alpine", "busybox",
	  "1.36.1-r5", "3.19.0", "", "", "", "CVE-2024-0006 unknown [1.36.1-r6] ()" },
	{ "pypi: a local version at the last affected is that version", "pypi", "", "torch",
	  "2.6.0+cu124", "", "", "", "", "PYSEC-2 unknown [] ()" },
	{ "pypi: a local version at the introduced is that version", "pypi", "", "torch",
	  "2.5.0+cpu", "", "", "", "", "PYSEC-2 unknown [] ()" },
	{ "pypi: a local version of one that is listed", "pypi", "", "torch", "1.0.0+cgr.1", "", "",
	  "", "", "PYSEC-2 unknown [] ()" },
	{ "pypi: a local version after the last affected", "pypi", "", "torch", "2.6.1+cu124", "",
	  "", "", "", "" },
	{ "pypi: a bound that is local, and a version before it", "pypi", "", "torch", "3.1+sec.1",
	  "", "", "", "", "PYSEC-2 unknown [3.1+sec.2] ()" },
	{ "pypi: a bound that is local, and that version", "pypi", "", "torch", "3.1+sec.2", "", "",
	  "", "", "" },
	{ "deb: a release by its code name", "deb", "debian", "padding", "1:1.2-3+deb12u1",
	  "bookworm", "", "", "",
	  "CVE-2024-0001 critical [1:1.2-3+deb12u2] (record GHSA-aaaa of the same vulnerability)\n"
	  "CVE-2024-0002 unknown [1:1.2-3+deb12u2] ()" },
	{ "deb: a release by the code name of another", "deb", "debian", "padding", "1:1.2-3",
	  "debian-bullseye", "", "", "", "" },
	{ "apk: a release with a v", "apk", "alpine", "busybox", "1.36.1-r5", "alpine-v3.19", "",
	  "", "", "CVE-2024-0006 unknown [1.36.1-r6] ()" },
	{ "rpm: a release as packages end", "rpm", "almalinux", "bash", "4.4.20-4.el8", "el8", "",
	  "", "",
	  "CVE-2024-0004 low [4.4.20-5.el8] (advisory ALSA-2024:2)\n"
	  "CVE-2024-0005 low [4.4.20-5.el8] (advisory ALSA-2024:2)" },
};

static void fill(struct world *w, const struct match_case *t)
{
	struct inventory_component *c = hm_new(&w->cx, struct inventory_component, 1);
	*c = (struct inventory_component){
		.type = hm_cstr(t->type),
		.namespace = hm_cstr(t->namespace),
		.name = hm_cstr(t->name),
		.version = hm_cstr(t->version),
		.distro = hm_cstr(t->distro),
		.source_name = hm_cstr(t->source),
		.source_version = hm_cstr(t->source_version),
		.owner = hm_cstr(t->owner),
		.range = t->version[0] ? HM_STR("") : HM_STR("^1"),
	};
	c->purl = hm_fmt(&w->cx, "pkg:%s/%s@%s", t->type, t->name, t->version);
	w->inv.components = c;
	w->inv.n = 1;
}

static void matches(void **state)
{
	const struct match_case *t = *state;
	struct world w;
	struct advisory_report r;
	HM_AUTO_BUF got = HM_BUF(HM_MIB);
	world_init(&w);
	fill(&w, t);
	assert_ok(advisory_scan(&w.cx, &w.db, &w.inv, &r));
	size_t sum = 0;
	for (size_t i = 0; i < ADVISORY_SEVERITIES; i++)
		sum += r.counts[i];
	assert_int_equal(sum, r.n);
	for (size_t i = 0; i < r.n; i++) {
		const struct advisory_match *m = &r.matches[i];
		assert_true(m->reasons.n > 0 && m->advisories.n > 0);
		hm_buf_fmt(&got, "%s%.*s %s [", i ? "\n" : "", HM_FMT(m->id),
			   advisory_severity_names[m->severity]);
		for (size_t k = 0; k < m->fixed.n; k++)
			hm_buf_fmt(&got, "%s%.*s", k ? "," : "", HM_FMT(m->fixed.p[k]));
		hm_buf_fmt(&got, "] (%.*s)", HM_FMT(m->severity_source));
	}
	assert_strz(hm_buf_str(&got), t->want);
	world_done(&w);
}

/* A package that is not numbered like its module's stream, beside the one that is. */
static void the_leading_package_of_a_build_tells_the_stream(void **state)
{
	(void)state;
	static const struct {
		const char *ruby;
		size_t matches;
	} leading[] = {
		{ "2.5.9-110.module_el8.6.0+7+bb", 0 },   /* another stream */
		{ "2.7.6-138.module_el8.6.0+7+bb", 1 },   /* the advisory's */
		{ "2.5.9-110.module_el8.6.0+8+cc", 1 },   /* of another build: nobody knows */
		{ "2.5.9-110.module_el8.6.0+7+bb.1", 0 }, /* respun */
	};
	for (size_t i = 0; i < HM_LEN(leading); i++) {
		struct world w;
		struct advisory_report r;
		world_init(&w);
		struct inventory_component c[2] = {
			{ .type = HM_STR("rpm"),
			  .name = HM_STR("rubygem-json"),
			  .distro = HM_STR("almalinux-8"),
			  .version = HM_STR("2.1.0-110.module_el8.6.0+7+bb") },
			{ .type = HM_STR("rpm"),
			  .name = HM_STR("ruby-libs"),
			  .distro = HM_STR("almalinux-8"),
			  .version = hm_cstr(leading[i].ruby) },
		};
		w.inv = (struct inventory){ .components = c, .n = 2 };
		assert_ok(advisory_scan(&w.cx, &w.db, &w.inv, &r));
		assert_int_equal(r.n, leading[i].matches);
		world_done(&w);
	}
}

/* Who guesses a group asks the advisories of all groups that have the artifact, and says so. */
static void a_guessed_group_asks_all_groups(void **state)
{
	(void)state;
	static const struct {
		const char *namespace, *name, *version;
		bool guessed;
		size_t matches;
	} guesses[] = {
		{ "org.apache.log4j", "log4j-core", "2.14.1", true, 1 },
		{ "org.apache.log4j", "log4j-core", "2.14.1", false, 0 },
		{ "org.apache.log4j", "log4j-core", "2.15.0", true, 0 }, /* fixed */
		{ "org.apache.log4j", "log4j", "2.14.1", true, 0 },      /* another artifact */
		{ "org.apache.log4j", "core", "2.14.1", true, 0 },       /* the end of one */
		{ "", "log4j-core", "2.14.1", false, 1 },                /* no group at all */
	};
	for (size_t i = 0; i < HM_LEN(guesses); i++) {
		struct world w;
		struct advisory_report r;
		HM_AUTO_BUF out = HM_BUF(HM_MIB);
		world_init(&w);
		struct inventory_component c = { .type = HM_STR("maven"),
						 .namespace = hm_cstr(guesses[i].namespace),
						 .name = hm_cstr(guesses[i].name),
						 .version = hm_cstr(guesses[i].version),
						 .group_guessed = guesses[i].guessed };
		w.inv = (struct inventory){ .components = &c, .n = 1 };
		assert_ok(advisory_scan(&w.cx, &w.db, &w.inv, &r));
		assert_int_equal(r.n, guesses[i].matches);
		assert_ok(advisory_explain(&w.cx, &w.db, &w.inv, HM_STR("CVE-2021-44228"), &out));
		bool says =
			hm_find(hm_buf_str(&out),
				HM_STR("group of the installed one is not certain")) != SIZE_MAX;
		assert_int_equal(says, r.n > 0 || i == 2);
		if (r.n)
			assert_true(hm_find(r.matches[0].reasons.p[0], HM_STR("is not certain")) !=
				    SIZE_MAX);
		world_done(&w);
	}
}

/* The index has each package of Maven once, by artifact, and no other ecosystem's. */
static void the_index_of_artifacts_is_whole(void **state)
{
	(void)state;
	struct world w;
	struct advisory_package_row row;
	world_init(&w);
	size_t maven = 0, found = 0;
	for (size_t i = 0; advisory_db_package_at(&w.db, i, &row); i++) {
		if (!hm_eqz(row.ecosystem, "Maven"))
			continue;
		maven++;
		struct advisory_rows same =
			advisory_db_artifact(&w.db, advisory_artifact_of(row.name));
		for (uint32_t k = 0; k < same.n; k++)
			found += advisory_db_artifact_at(&w.db, same.first + k) == i;
	}
	assert_int_equal(maven, 1);
	assert_int_equal(found, maven);
	assert_int_equal(w.db.sections[ADVISORY_ARTIFACTS].n, 4 * maven);
	assert_int_equal(advisory_db_artifact(&w.db, HM_STR("left-pad")).n, 0);
	world_done(&w);
}

/* What does not come from the registry is not what the registry's advisories speak of. */
static void another_origin_is_not_matched_and_said(void **state)
{
	(void)state;
	struct world w;
	struct advisory_report r;
	world_init(&w);
	struct inventory_component c = { .type = HM_STR("npm"),
					 .name = HM_STR("left-pad"),
					 .version = HM_STR("1.1.9"),
					 .purl = HM_STR("pkg:npm/left-pad@1.1.9"),
					 .origin = HM_STR(
						 "git+ssh://git@example.com/left-pad.git#0123") };
	w.inv = (struct inventory){ .components = &c, .n = 1 };
	assert_ok(advisory_scan(&w.cx, &w.db, &w.inv, &r));
	assert_int_equal(r.n, 0);
	assert_int_equal(r.warnings.n, 1);
	assert_true(hm_find(r.warnings.p[0],
			    HM_STR("it comes from git+ssh://git@example.com/left-pad.git#0123")) !=
		    SIZE_MAX);
	assert_int_equal(r.suppressed_n, 1);
	assert_true(hm_starts(r.suppressed[0].assessment.justification,
			      HM_STR("it comes from git+ssh://")));
	assert_string_equal(r.suppressed[0].assessment.assessor, "origin");
	assert_str(r.suppressed[0].assessment.source, c.origin);
	c.origin = HM_STR("");
	assert_ok(advisory_scan(&w.cx, &w.db, &w.inv, &r));
	assert_int_equal(r.n, 1);
	world_done(&w);
}

/* The version that Go makes from the commit of a main module is matched with no range; that of what
 * it was built from is, and so is a main module's version that has a tag. */
static void the_commit_of_a_main_module_has_no_order(void **state)
{
	(void)state;
	static const struct {
		const char *version;
		bool is_main;
		size_t warnings;
	} modules[] = {
		{ "v0.0.0-20240102150405-0123456789ab", true, 1 },
		{ "v0.0.0-20240102150405-0123456789ab+dirty", true, 1 },
		{ "v0.0.0-20240102150405-0123456789ab", false, 0 },
		{ "v1.1.1", true, 0 },
		{ "v1.1.2-0.20240102150405-0123456789ab", true, 0 },
		{ "v0.0.0-rc1", true, 0 },
		{ "v0.0.0", true, 0 },
	};
	for (size_t i = 0; i < HM_LEN(modules); i++) {
		struct world w;
		struct advisory_report r;
		HM_AUTO_BUF out = HM_BUF(HM_MIB);
		world_init(&w);
		struct inventory_component c = { .type = HM_STR("golang"),
						 .name = HM_STR("example.com/mod"),
						 .version = hm_cstr(modules[i].version),
						 .main_module = modules[i].is_main };
		w.inv = (struct inventory){ .components = &c, .n = 1 };
		assert_ok(advisory_scan(&w.cx, &w.db, &w.inv, &r));
		assert_int_equal(r.warnings.n, modules[i].warnings);
		assert_ok(advisory_explain(&w.cx, &w.db, &w.inv, HM_STR("GO-2024-1"), &out));
		bool says = hm_find(hm_buf_str(&out),
				    HM_STR("cannot be compared with other versions")) != SIZE_MAX;
		assert_int_equal(says, modules[i].warnings);
		world_done(&w);
	}
}

/* Left to its owner is only what that is asked about. */
static const struct owner_case {
	const char *label, *type, *distro, *version;
	size_t matches, suppressed;
} owners[] = {
	{ "its release has advisories", "deb", "debian-12", "1", 0, 1 },
	{ "another release, without any", "deb", "debian-11", "1", 1, 0 },
	{ "no release", "deb", "debian", "1", 1, 0 },
	{ "a distribution without any", "deb", "ubuntu-12", "1", 1, 0 },
	{ "a distribution that nobody knows", "deb", "evil-12", "1", 1, 0 },
	{ "a type of another distribution", "apk", "debian-12", "1", 1, 0 },
	{ "no version", "deb", "debian-12", "", 1, 0 },
	{ "no OS package at all", "npm", "", "1", 1, 0 },
};

static void owner(void **state)
{
	const struct owner_case *t = *state;
	struct world w;
	struct advisory_report r;
	HM_AUTO_BUF out = HM_BUF(HM_MIB);
	world_init(&w);
	struct inventory_component c[2] = {
		{ .type = HM_STR("npm"),
		  .name = HM_STR("left-pad"),
		  .version = HM_STR("1.1.9"),
		  .owner = HM_STR("pkg:owner"),
		  .purl = HM_STR("pkg:npm/left-pad@1.1.9") },
		{ .type = hm_cstr(t->type),
		  .name = HM_STR("nobody"),
		  .version = hm_cstr(t->version),
		  .distro = hm_cstr(t->distro),
		  .purl = HM_STR("pkg:owner") },
	};
	w.inv = (struct inventory){ .components = c, .n = 2 };
	assert_ok(advisory_scan(&w.cx, &w.db, &w.inv, &r));
	assert_int_equal(r.n, t->matches);
	assert_int_equal(r.suppressed_n, t->suppressed);
	assert_int_equal(r.counts[ADVISORY_CRITICAL], t->matches);
	if (t->suppressed) {
		assert_strz(r.suppressed[0].id, "CVE-2024-0001");
		assert_string_equal(r.suppressed[0].assessment.assessor, "owner");
		assert_strz(r.suppressed[0].assessment.source, "pkg:owner");
		assert_true(hm_starts(r.suppressed[0].assessment.justification,
				      HM_STR("it belongs to pkg:owner, ")));
	}
	assert_ok(advisory_explain(&w.cx, &w.db, &w.inv, HM_STR("GHSA-aaaa"), &out));
	assert_int_equal(hm_find(hm_buf_str(&out), HM_STR("matches, and is suppressed")) !=
				 SIZE_MAX,
			 t->suppressed);
	world_done(&w);
}

static const struct explain_case {
	const char *label, *id;
	size_t component; /* of the cases above */
	const char *words;
} explained[] = {
	{ "says which range contains the version", "CVE-2024-0001", 0,
	  "1.1.9 is affected: before 1.2.0 (npm order)" },
	{ "says which fix is not older", "CVE-2024-0001", 1,
	  "1.2.0 is not before the fixed 1.2.0 (npm order)" },
	{ "says that it is not pinned", "CVE-2024-0001", 4, "it is not pinned: \"^1\"" },
	{ "says that it matches, whoever owns it", "GHSA-aaaa", 5, "left-pad@1.1.9: matches\n" },
	{ "says that it is another release", "CVE-2024-0001", 11,
	  "another release than Debian:11" },
	{ "says that it is another stream", "CVE-2024-0003", 15, "about module nodejs:16" },
	{ "says that it goes by another name", "CVE-2024-0004", 19,
	  "its advisories name the package, which is \"bash-doc\"" },
	{ "says that the database has nothing of a service pack", "SUSE-SU-1", 25,
	  "has no advisories of SUSE, release \"15.55\"" },
	{ "says which binary package it was looked for by", "CVE-2024-0020", 43,
	  "Ubuntu:22.04:LTS \"libssl3\": 3.0.2-0ubuntu1.16 is affected" },
	{ "says what it leaves to the binary package", "CVE-2024-0020", 46,
	  "Ubuntu:22.04:LTS \"openssl\": the advisory names what the source builds" },
	{ "says that nobody names it", "CVE-1999-0001", 0,
	  "no advisory in the database mentions \"CVE-1999-0001\"" },
	{ "says that no component is concerned", "CVE-2021-44228", 0, "no component has the name" },
};

static void explains(void **state)
{
	const struct explain_case *t = *state;
	struct world w;
	HM_AUTO_BUF out = HM_BUF(HM_MIB);
	world_init(&w);
	fill(&w, &cases[t->component]);
	assert_ok(advisory_explain(&w.cx, &w.db, &w.inv, hm_cstr(t->id), &out));
	if (hm_find(hm_buf_str(&out), hm_cstr(t->words)) == SIZE_MAX)
		print_error("%.*s\n", HM_FMT(hm_buf_str(&out)));
	assert_true(hm_find(hm_buf_str(&out), hm_cstr(t->words)) != SIZE_MAX);
	world_done(&w);
}

static const struct bad_case {
	const char *label, *text, *words;
} bad[] = {
	{ "no id", "{'modified':'2024-01-01T00:00:00Z'}", "\"id\"" },
	{ "an id that is no string", "{'id':7}", "\"id\"" },
	{ "an empty id", "{'id':''}", "\"id\" has 0 bytes" },
	{ "no object", "[]", "not an OSV document" },
	{ "no JSON", "{'id':", "unexpected end of data" },
};

static void refuses(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct advisory_record r;
	bool keep;
	assert_fault(parse(&cx, t->text, &r, &keep), HM_INPUT, t->words);
}

static const struct left_out_case {
	const char *label, *text;
	bool keep;
} left_out[] = {
	{ "a withdrawn advisory", "{'id':'X','withdrawn':'2024-01-01T00:00:00Z'}", false },
	{ "an erratum for a bug", "{'id':'ALBA-2024:1','affected':[]}", false },
	{ "an erratum for a bug that names a CVE", "{'id':'ALBA-2024:1','related':['CVE-2024-1']}",
	  true },
	{ "a time that is none", "{'id':'X','modified':'yesterday'}", true },
	{ "an enhancement", "{'id':'RLEA-2024:1'}", false },
	{ "a security erratum without CVE", "{'id':'ALSA-2024:9'}", true },
};

static void leaves_out(void **state)
{
	const struct left_out_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct advisory_record r;
	bool keep;
	assert_ok(parse(&cx, t->text, &r, &keep));
	assert_int_equal(keep, t->keep);
}

static void equal_input_gives_equal_bytes(void **state)
{
	(void)state;
	struct world a, b;
	world_init(&a);
	world_init(&b);
	assert_str(hm_buf_str(&a.file), hm_buf_str(&b.file));
	world_done(&a);
	world_done(&b);
}

/* What no advisory of the database can speak of is said, and is not taken for clean. */
static void a_release_without_advisories_is_said(void **state)
{
	(void)state;
	static const struct {
		const char *type, *distro;
		size_t warnings;
	} releases[] = {
		{ "deb", "debian-12", 0 },      { "deb", "debian-99", 1 },
		{ "deb", "ubuntu-22.04", 0 },   { "deb", "ubuntu-23.10", 1 },
		{ "rpm", "sles-15.5", 0 },      { "rpm", "sles-15.9", 1 },
		{ "rpm", "sl-micro-6.9", 1 },   { "rpm", "rhel-9.4", 1 },
		{ "apk", "wolfi-20230201", 1 },
	};
	struct world w;
	struct advisory_report r;
	world_init(&w);
	for (size_t i = 0; i < HM_LEN(releases); i++) {
		struct inventory_component c = { .type = hm_cstr(releases[i].type),
						 .name = HM_STR("no-such"),
						 .version = HM_STR("9"),
						 .distro = hm_cstr(releases[i].distro) };
		w.inv = (struct inventory){ .components = &c, .n = 1 };
		assert_ok(advisory_scan(&w.cx, &w.db, &w.inv, &r));
		assert_int_equal(r.n, 0);
		assert_int_equal(r.warnings.n, releases[i].warnings);
		if (r.warnings.n)
			assert_true(hm_find(r.warnings.p[0],
					    HM_STR("the database has no advisories of")) !=
				    SIZE_MAX);
	}
	world_done(&w);
}

/* What a million matches say must not each be as long as the version that a stranger chose. */
static void reasons_are_short_and_shown(void **state)
{
	(void)state;
	struct world w;
	struct advisory_report r;
	char version[4000] = "1.0.0-";
	world_init(&w);
	memset(version + 6, 'a', sizeof(version) - 6);
	struct inventory_component parts[] = {
		{ .type = HM_STR("npm"),
		  .name = HM_STR("left-pad"),
		  .version = hm_bytes(version, sizeof(version)) },
		{ .type = HM_STR("no\x1b\0such"), .name = HM_STR("a"), .version = HM_STR("1") },
	};
	w.inv = (struct inventory){ .components = parts, .n = HM_LEN(parts) };
	assert_ok(advisory_scan(&w.cx, &w.db, &w.inv, &r));
	assert_int_equal(r.n, 1);
	assert_int_equal(r.matches[0].reasons.n, 1);
	assert_true(r.matches[0].reasons.p[0].n < 1000);
	assert_true(hm_find(r.matches[0].reasons.p[0], HM_STR("1.0.0-aaaa")) != SIZE_MAX);
	assert_int_equal(r.warnings.n, 1);
	assert_true(hm_find(r.warnings.p[0], HM_STR("\"no\\x1b\\x00such\"")) != SIZE_MAX);
	world_done(&w);
}

static void every_cut_and_flip_is_refused(void **state)
{
	(void)state;
	struct world w;
	struct advisory_db db;
	world_init(&w);
	for (size_t n = 0; n < w.file.n; n += n < 300 ? 1 : 37)
		assert_fault(advisory_db_of(&w.cx, hm_sub(hm_buf_str(&w.file), 0, n), &db),
			     HM_INPUT,
			     n < ADVISORY_DB_HEAD ? "its first bytes are wrong"
						  : "it is cut short");
	for (size_t at = 0; at < w.file.n; at += 13) {
		w.file.p[at] ^= 0x10;
		const char *why = at < 8 ? "its first bytes are wrong" : /* magic */
					  at < 12 ? "this program reads"
						  : /* version */
					  at < 24 ? "it is cut short"
						  : /* sections, size */
					  "its digest does not match";
		assert_fault(advisory_db_of(&w.cx, hm_buf_str(&w.file), &db), HM_INPUT, why);
		w.file.p[at] ^= 0x10;
	}
	assert_ok(advisory_db_of(&w.cx, hm_buf_str(&w.file), &db));
	world_done(&w);
}

/* One advisory may be about many vulnerabilities. */
static void there_are_no_more_matches_than_the_limit(void **state)
{
	(void)state;
	static const struct {
		size_t had;
		bool fits;
	} rows[] = { { HM_MAX_MATCHES - 2, true },
		     { HM_MAX_MATCHES - 1, false },
		     { HM_MAX_MATCHES, false },
		     { HM_MAX_MATCHES + 1, false } };
	struct world w;
	world_init(&w);
	struct inventory_component c = { .type = HM_STR("rpm"),
					 .name = HM_STR("bash"),
					 .distro = HM_STR("almalinux-8"),
					 .version = HM_STR("4.4.20-4.el8") };
	w.inv = (struct inventory){ .components = &c, .n = 1 };
	const struct advisory_matching matching = {
		.db = &w.db,
		.inventory = &w.inv,
		.place_of = hm_new(&w.cx, uint32_t, advisory_db_records(&w.db)),
	};
	size_t cap = HM_MAX_MATCHES + 8;
	struct advisory_match *room = calloc(cap, sizeof(*room));
	assert_non_null(room);
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		struct advisory_matches out = { room, rows[i].had, cap };
		struct hm_strs warnings = { 0 };
		hm_err err = advisory_match_component(&w.cx, &matching, 0, &out, &warnings);
		if (rows[i].fits)
			assert_ok(err);
		else
			assert_fault(err, HM_LIMIT, "more than 500000 matches");
		assert_int_equal(out.n,
				 rows[i].had > HM_MAX_MATCHES ? rows[i].had : HM_MAX_MATCHES);
	}
	free(room);
	world_done(&w);
}

static void the_worst_rating_keeps_its_vector(void **state)
{
	(void)state;
	struct world w;
	struct advisory_report r;
	world_init(&w);
	struct inventory_component c = { .type = HM_STR("pypi"),
					 .name = HM_STR("thrice"),
					 .version = HM_STR("1") };
	w.inv = (struct inventory){ .components = &c, .n = 1 };
	assert_ok(advisory_scan(&w.cx, &w.db, &w.inv, &r));
	assert_int_equal(r.n, 1);
	assert_strz(r.matches[0].cvss, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N");
	world_done(&w);
}

static void every_assessor_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (const struct advisory_assessor *const *a = advisory_assessors; *a; a++) {
		assert_non_null((*a)->assess);
		for (const struct advisory_assessor *const *b = advisory_assessors; b != a; b++)
			assert_string_not_equal((*a)->name, (*b)->name);
	}
}

int main(void)
{
	UNIT_TABLE(matches, cases);
	UNIT(the_leading_package_of_a_build_tells_the_stream);
	UNIT(a_guessed_group_asks_all_groups);
	UNIT(the_index_of_artifacts_is_whole);
	UNIT(another_origin_is_not_matched_and_said);
	UNIT_TABLE(owner, owners);
	UNIT(the_commit_of_a_main_module_has_no_order);
	UNIT_TABLE(explains, explained);
	UNIT_TABLE(refuses, bad);
	UNIT_TABLE(leaves_out, left_out);
	UNIT(equal_input_gives_equal_bytes);
	UNIT(a_release_without_advisories_is_said);
	UNIT(reasons_are_short_and_shown);
	UNIT(every_cut_and_flip_is_refused);
	UNIT(there_are_no_more_matches_than_the_limit);
	UNIT(the_worst_rating_keeps_its_vector);
	UNIT(every_assessor_has_a_name_of_its_own);
	return unit_run("advisory/match");
}
