/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/rpm/solv.h"

#include <dlfcn.h>

#include "repair/repair.h"

struct rpm_solv repair_rpm_solv;

static hm_err open_library(struct hm_cx *cx, const char *const *names, const char *package,
			   void **out)
{
	for (*out = NULL; *names && !*out; names++)
		*out = dlopen(*names, RTLD_NOW | RTLD_LOCAL);
	return *out ? NULL
		    : hm_fail(cx, HM_ABSENT,
			      "no %s, which resolves dependencies of packages (Debian, Ubuntu: apt "
			      "install %s1)",
			      package, package);
}

/* Before the sandbox. */
hm_err repair_rpm_solve_load(struct hm_cx *cx)
{
	static const char *const core[] = { "libsolv.so.1", "libsolv.so.2", NULL };
	static const char *const ext[] = { "libsolvext.so.1", "libsolvext.so.2", NULL };
	void *library, *symbol;
#define LOAD(name)                                              \
	symbol = dlsym(library, #name);                         \
	memcpy(&repair_rpm_solv.name, &symbol, sizeof(symbol)); \
	if (!symbol)                                            \
		return hm_fail(cx, HM_ABSENT, "this libsolv has no %s()", #name);
	HM_TRY(open_library(cx, core, "libsolv", &library));
	RPM_SOLV_CORE(LOAD)
	HM_TRY(open_library(cx, ext, "libsolvext", &library));
	RPM_SOLV_EXT(LOAD)
#undef LOAD
	return NULL;
}
