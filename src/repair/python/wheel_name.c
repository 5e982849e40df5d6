/* SPDX-License-Identifier: Apache-2.0 */
/* "name-1.0-1-cp311-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl". */
#include "repair/python/python.h"

bool repair_python_wheel_name(struct hm_str file, struct python_wheel_name *out)
{
	struct hm_str parts[6];
	size_t n = 0;
	if (!hm_ends(file, HM_STR(".whl")) || hm_find_char(file, '/') != SIZE_MAX)
		return false;
	for (struct hm_str rest = hm_sub(file, 0, file.n - 4); rest.n; n++) {
		if (n == HM_LEN(parts))
			return false;
		parts[n] = hm_cut(&rest, '-');
		if (!parts[n].n)
			return false;
	}
	if (n < 5)
		return false;
	*out = (struct python_wheel_name){ .name = parts[0],
					   .version = parts[1],
					   .build = n == 6 ? parts[2] : HM_STR(""),
					   .python = parts[n - 3],
					   .abi = parts[n - 2],
					   .platform = parts[n - 1] };
	return true;
}

/* --- platforms --- */

enum libc { LIBC_ANY, LIBC_GNU, LIBC_MUSL, LIBC_OTHER };
struct platform {
	enum libc libc;
	uint64_t level; /* the minor version of it that is needed */
	struct hm_str machine;
	bool is_local; /* "linux_x86_64": made for one machine */
};

/* "manylinux_2_17_x86_64" (PEP 600), "manylinux2014_x86_64" (PEP 513, 571, 599),
 * "musllinux_1_1_x86_64" (PEP 656), "linux_x86_64", "any". */
static bool read_platform(struct hm_str tag, struct platform *out)
{
	static const struct {
		const char *head;
		uint64_t level;
	} old[] = { { "manylinux1_", 5 }, { "manylinux2010_", 12 }, { "manylinux2014_", 17 } };
	struct platform p = { .libc = LIBC_OTHER, .machine = tag };
	if (hm_eqz(tag, "any")) {
		*out = (struct platform){ .libc = LIBC_ANY };
		return true;
	}
	for (size_t i = 0; i < HM_LEN(old); i++)
		if (hm_starts(tag, hm_cstr(old[i].head))) {
			*out = (struct platform){ LIBC_GNU, old[i].level,
						  hm_from(tag, strlen(old[i].head)), false };
			return true;
		}
	if (hm_starts(tag, HM_STR("linux_"))) {
		*out = (struct platform){ LIBC_OTHER, 0, hm_from(tag, 6), true };
		return true;
	}
	struct hm_str kind = hm_cut(&p.machine, '_'), major = hm_cut(&p.machine, '_');
	struct hm_str minor = hm_cut(&p.machine, '_');
	p.libc = hm_eqz(kind, "manylinux") ? LIBC_GNU : LIBC_MUSL;
	if (!hm_u64(minor, 1000, &p.level) || !p.machine.n ||
	    !((p.libc == LIBC_GNU && hm_eqz(major, "2")) ||
	      (hm_eqz(kind, "musllinux") && hm_eqz(major, "1"))))
		return false;
	*out = p;
	return true;
}

static bool minor_of(struct hm_str version, uint64_t *out)
{
	hm_cut(&version, '.');
	return hm_u64(version, 1000, out);
}

/* What the image can load: by its own C library where that is known, else by what the installed
 * wheel needed. */
static bool fits_platform(struct hm_str tag, struct hm_str installed, const struct python_fit *fit,
			  uint64_t *out_level)
{
	struct platform p, was;
	uint64_t have;
	if (!read_platform(tag, &p) || !read_platform(installed, &was) || p.libc == LIBC_ANY ||
	    was.libc == LIBC_ANY || p.is_local || !hm_eq(p.machine, was.machine))
		return false;
	struct hm_str known = p.libc == LIBC_GNU ? fit->glibc : fit->musl;
	*out_level = p.level;
	if (known.n)
		return minor_of(known, &have) && p.level <= have;
	return p.libc == was.libc && p.level <= was.level;
}

/* --- pythons --- */

/* "py3", "py311", "cp37": does it run there? */
static bool fits_python(struct hm_str tag, struct hm_str python)
{
	uint64_t want, have;
	struct hm_str version = hm_from(tag, 2);
	if (version.n < 1 || *version.p != '3')
		return false;
	if (version.n == 1)
		return true;
	return hm_u64(hm_from(version, 1), 1000, &want) && minor_of(python, &have) && want <= have;
}

static bool is_pure(struct hm_str python, struct hm_str abi, struct hm_str platform,
		    const struct python_fit *fit)
{
	return hm_starts(python, HM_STR("py")) && hm_eqz(abi, "none") && hm_eqz(platform, "any") &&
	       fits_python(python, fit->python);
}

static bool fits_abi(struct hm_str python, struct hm_str abi, struct hm_str was_python,
		     struct hm_str was_abi, const struct python_fit *fit)
{
	if (hm_eqz(abi, "abi3"))
		return hm_starts(was_python, HM_STR("cp")) && hm_starts(python, HM_STR("cp")) &&
		       fits_python(python, fit->python);
	if (hm_eqz(abi, "none") && hm_eqz(was_abi, "none"))
		return hm_eq(python, was_python) ||
		       (hm_starts(python, HM_STR("py")) && fits_python(python, fit->python));
	return hm_eq(abi, was_abi) && hm_eq(python, was_python);
}

enum { RANK_PURE = 1, RANK_STABLE = 10000, RANK_EXACT = 20000 };

/* One tag of the wheel beside one of the installed one. */
static unsigned rank_beside(const struct python_wheel_name *one, struct hm_str installed,
			    const struct python_fit *fit)
{
	struct hm_str python = hm_cut(&installed, '-'), abi = hm_cut(&installed, '-');
	uint64_t level;
	if (!fits_abi(one->python, one->abi, python, abi, fit) ||
	    !fits_platform(one->platform, installed, fit, &level))
		return 0;
	return (hm_eq(one->abi, abi) ? RANK_EXACT : RANK_STABLE) + (unsigned)level;
}

static unsigned rank_one(const struct python_wheel_name *one, const struct python_fit *fit)
{
	unsigned best = is_pure(one->python, one->abi, one->platform, fit) ? RANK_PURE : 0;
	for (size_t i = 0; i < fit->tags->n; i++) {
		unsigned rank = rank_beside(one, fit->tags->p[i], fit);
		best = rank > best ? rank : best;
	}
	return best;
}

unsigned repair_python_rank(const struct python_wheel_name *w, const struct python_fit *fit)
{
	unsigned best = 0;
	struct python_wheel_name one = *w;
	for (struct hm_str pythons = w->python; pythons.n;) {
		one.python = hm_cut(&pythons, '.');
		for (struct hm_str abis = w->abi; abis.n;) {
			one.abi = hm_cut(&abis, '.');
			for (struct hm_str platforms = w->platform; platforms.n;) {
				one.platform = hm_cut(&platforms, '.');
				unsigned rank = rank_one(&one, fit);
				best = rank > best ? rank : best;
			}
		}
	}
	return best;
}
