/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/candidate.h"

enum release {
	NONE,    /* a rolling distribution: one ecosystem */
	MAJOR,   /* "Debian:12" */
	MINOR,   /* "Photon OS:3.0" */
	V_MINOR, /* "Alpine:v3.18" */
	UBUNTU,  /* "Ubuntu:22.04", "Ubuntu:22.04:LTS"; without the fixes of a subscription */
	LEAP,    /* "openSUSE:Leap 15.5", "openSUSE:Leap 15.5 NonFree"; "openSUSE:Leap Micro 5.5" */
	RED_HAT, /* "Red Hat:enterprise_linux:9::baseos" and its kin */
	SUSE,    /* "SUSE:Linux Enterprise Module for Basesystem 15 SP5" and its kin */
	MICRO,   /* "SUSE:Linux Enterprise Micro 5.5", "SUSE:Linux Micro 6.0" */
};

struct distribution {
	const char *type, *id; /* purl type; os-release ID */
	const char *ecosystem;
	enum release release;
	bool binary; /* its advisories name binary packages, others source packages */
	/* Its kernels are built again to be signed; advisories know the source of what was signed.
	 */
	bool signs_kernels;
};

static const struct distribution distributions[] = {
	/* clang-format off */
	{ "deb", "debian",        "Debian",      MAJOR,   false, true },
	{ "deb", "ubuntu",        "Ubuntu",      UBUNTU,  false, true },
	{ "apk", "alpine",        "Alpine",      V_MINOR, false },
	{ "apk", "wolfi",         "Wolfi",       NONE,    false },
	{ "apk", "chainguard",    "Chainguard",  NONE,    false },
	{ "apk", "minimos",       "MinimOS",     NONE,    false },
	{ "rpm", "almalinux",     "AlmaLinux",   MAJOR,   true },
	{ "rpm", "alma",          "AlmaLinux",   MAJOR,   true }, /* in purls of Trivy */
	{ "rpm", "rocky",         "Rocky Linux", MAJOR,   true },
	{ "rpm", "rhel",          "Red Hat",     RED_HAT, true },
	{ "rpm", "redhat",        "Red Hat",     RED_HAT, true },
	{ "rpm", "centos",        "Red Hat",     RED_HAT, true },
	{ "rpm", "mageia",        "Mageia",      MAJOR,   false },
	{ "rpm", "mariner",       "Azure Linux", MAJOR,   false }, /* until 2.0 */
	{ "rpm", "cbl-mariner",   "Azure Linux", MAJOR,   false }, /* in purls of Trivy */
	{ "rpm", "azurelinux",    "Azure Linux", MAJOR,   false },
	{ "rpm", "photon",        "Photon OS",   MINOR,   false },
	/* SUSE names source packages (osv-schema, "Defined ecosystems"). */
	{ "rpm", "opensuse-leap",       "openSUSE:Leap",       LEAP, false },
	{ "rpm", "opensuse-leap-micro", "openSUSE:Leap Micro", LEAP, false },
	{ "rpm", "opensuse-tumbleweed", "openSUSE:Tumbleweed", NONE, false },
	{ "rpm", "opensuse-microos",    "openSUSE:Tumbleweed", NONE, false },
	{ "rpm", "sles",          "SUSE",        SUSE,    false },
	{ "rpm", "sles_sap",      "SUSE",        SUSE,    false },
	{ "rpm", "sled",          "SUSE",        SUSE,    false },
	{ "rpm", "sle_hpc",       "SUSE",        SUSE,    false },
	{ "rpm", "sle-micro",     "SUSE",        MICRO,   false },
	{ "rpm", "sle-micro-rancher", "SUSE",    MICRO,   false },
	{ "rpm", "slem",          "SUSE",        MICRO,   false }, /* in purls of Trivy */
	{ "rpm", "sl-micro",      "SUSE",        MICRO,   false },
	/* clang-format on */
};

static struct hm_str cut_parts(struct hm_str release, size_t n)
{
	size_t end = 0;
	for (; end < release.n; end++)
		if (release.p[end] == '.' && --n == 0)
			break;
	return hm_sub(release, 0, end);
}

/* Those of Red Hat name products: all of the same major release of the system count. */
static void add_red_hat(struct hm_cx *cx, const struct advisory_db *db, struct hm_str release,
			struct hm_strs *out)
{
	struct hm_str want =
		hm_fmt(cx, "Red Hat:enterprise_linux:%.*s", HM_FMT(cut_parts(release, 1)));
	if (!db) {
		*hm_push(cx, out) = HM_STR("Red Hat");
		return;
	}
	for (size_t i = 0; i < advisory_db_ecosystems(db); i++) {
		uint32_t n;
		struct hm_str name = advisory_db_ecosystem(db, i, &n);
		if (hm_starts(name, want) && (name.n == want.n || name.p[want.n] == ':'))
			*hm_push(cx, out) = name;
	}
}

/* " 15 SP5" for 15.5, " 15" for 15 and 15.0; " 16.0", for service packs ended with 15. */
static struct hm_str suse_release(struct hm_cx *cx, struct hm_str release)
{
	struct hm_str pack = cut_parts(release, 2), major = hm_cut(&pack, '.');
	uint64_t number;
	bool has_packs = hm_u64(major, UINT64_MAX, &number) && number < 16;
	if (!has_packs)
		return hm_fmt(cx, " %.*s", HM_FMT(cut_parts(release, 2)));
	return pack.n && !hm_eqz(pack, "0")
		       ? hm_fmt(cx, " %.*s SP%.*s", HM_FMT(major), HM_FMT(pack))
		       : hm_fmt(cx, " %.*s", HM_FMT(major));
}

/* Is it the release of a product? What stands behind it ("-LTSS") is a longer support. */
static bool is_released_as(struct hm_str product, struct hm_str release)
{
	size_t at = hm_find(product, release), end = at + release.n;
	return at != SIZE_MAX && (end == product.n || product.p[end] == '-');
}

/* Those of SUSE name products, and modules that products consist of; modules of release 12 were for
 * all its service packs. */
static bool is_enterprise(struct hm_str name, struct hm_str release)
{
	bool hub = hm_starts(name, HM_STR("SUSE:Package Hub "));
	if (!hub && !hm_starts(name, HM_STR("SUSE:Linux Enterprise ")))
		return false;
	hub |= hm_find(name, HM_STR(" Module ")) != SIZE_MAX;
	return is_released_as(name, release) ||
	       (hub && hm_starts(release, HM_STR(" 12")) && hm_ends(name, HM_STR(" 12")));
}

static bool is_micro(struct hm_str name, struct hm_str release)
{
	return (hm_starts(name, HM_STR("SUSE:Linux Enterprise Micro ")) ||
		hm_starts(name, HM_STR("SUSE:Linux Micro "))) &&
	       is_released_as(name, release);
}

static void add_suse(struct hm_cx *cx, const struct advisory_db *db, enum release kind,
		     struct hm_str release, struct hm_strs *out)
{
	bool micro = kind == MICRO;
	struct hm_str want = micro ? hm_fmt(cx, " %.*s", HM_FMT(cut_parts(release, 2)))
				   : suse_release(cx, release);
	if (!db) {
		*hm_push(cx, out) = HM_STR("SUSE");
		return;
	}
	for (size_t i = 0; i < advisory_db_ecosystems(db); i++) {
		uint32_t n;
		struct hm_str name = advisory_db_ecosystem(db, i, &n);
		if (micro ? is_micro(name, want) : is_enterprise(name, want))
			*hm_push(cx, out) = name;
	}
}

static void list_ecosystems(struct hm_cx *cx, const struct advisory_db *db,
			    const struct distribution *d, struct hm_str release,
			    struct hm_strs *out)
{
	struct hm_str name = hm_cstr(d->ecosystem), major = cut_parts(release, 1),
		      minor = cut_parts(release, 2);
	switch (d->release) {
	case NONE:
		*hm_push(cx, out) = name;
		break;
	case MAJOR:
		*hm_push(cx, out) = hm_fmt(cx, "%.*s:%.*s", HM_FMT(name), HM_FMT(major));
		if (hm_eqz(major, "3") && hm_eqz(name, "Debian")) /* 3.0 and 3.1 were two */
			*hm_push(cx, out) = hm_fmt(cx, "Debian:%.*s", HM_FMT(minor));
		break;
	case MINOR:
		*hm_push(cx, out) = hm_fmt(cx, "%.*s:%.*s", HM_FMT(name), HM_FMT(minor));
		break;
	case V_MINOR:
		*hm_push(cx, out) = hm_fmt(cx, "%.*s:v%.*s", HM_FMT(name), HM_FMT(minor));
		break;
	case UBUNTU:
		*hm_push(cx, out) = hm_fmt(cx, "%.*s:%.*s", HM_FMT(name), HM_FMT(minor));
		*hm_push(cx, out) = hm_fmt(cx, "%.*s:%.*s:LTS", HM_FMT(name), HM_FMT(minor));
		break;
	case LEAP:
		*hm_push(cx, out) = hm_fmt(cx, "%.*s %.*s", HM_FMT(name), HM_FMT(minor));
		*hm_push(cx, out) = hm_fmt(cx, "%.*s %.*s NonFree", HM_FMT(name), HM_FMT(minor));
		break;
	case RED_HAT:
		add_red_hat(cx, db, release, out);
		break;
	case SUSE:
	case MICRO:
		add_suse(cx, db, d->release, release, out);
		break;
	}
}

static const struct distribution *find_distribution(struct hm_str type, struct hm_str id)
{
	for (size_t i = 0; i < HM_LEN(distributions); i++)
		if (hm_eqz(type, distributions[i].type) &&
		    hm_cmp_nocase(id, hm_cstr(distributions[i].id)) == 0)
			return &distributions[i];
	return NULL;
}

bool advisory_has_any(const struct advisory_db *db, const struct hm_strs *ecosystems)
{
	for (size_t i = 0; i < advisory_db_ecosystems(db); i++) {
		uint32_t n;
		struct hm_str name = advisory_db_ecosystem(db, i, &n);
		if (n && hm_strs_has(ecosystems, name))
			return true;
	}
	return false;
}

static bool has_row(const struct advisory_db *db, const struct advisory_candidate *c,
		    struct hm_str name)
{
	for (size_t i = 0; i < c->ecosystems.n; i++)
		if (advisory_db_package(db, c->ecosystems.p[i], name).n)
			return true;
	return false;
}

/* Lists of slices (chisel) do not say what a package was built from, and purls say no source where
 * it is of the same name; Ubuntu's advisories say what sources build. */
static void find_binary_package(struct hm_cx *cx, const struct advisory_db *db,
				const struct inventory_component *c, struct advisory_candidate *out)
{
	if (c->source_name.n && !hm_eq(c->source_name, c->name))
		return;
	struct hm_str key = advisory_binary_key(cx, c->name);
	if (!has_row(db, out, key))
		return;
	struct advisory_candidate *binary = hm_new(cx, struct advisory_candidate, 1);
	*binary = *out;
	binary->name = key;
	binary->version = c->version;
	binary->binary = c->name;
	binary->what = "binary package";
	if (has_row(db, out, out->name))
		out->also = binary; /* not each advisory says what its source builds */
	else
		*out = *binary;
}

/* Which distribution's package it is, and of which release, where that is known. */
static void find_release(const struct inventory *inv, const struct inventory_component *c,
			 struct hm_str *out_id, struct hm_str *out_release)
{
	const struct inventory_distro *own = &inv->distro;
	struct hm_str id, release, named;
	inventory_distro_parse(c->distro, c->namespace, &id, &release);
	if (!c->distro.n && own->id.n) {
		id = own->id;
		release = own->version_id;
	}
	if (!release.n && own->version_codename.n && hm_cmp_nocase(id, own->id) == 0)
		inventory_distro_parse(own->version_codename, id, &named, &release);
	*out_id = id;
	*out_release = release;
}

/* What the distribution's advisories call it. */
static void name_os_package(const struct distribution *d, const struct inventory_component *c,
			    struct advisory_candidate *out)
{
	out->distribution = d->ecosystem;
	out->has_source = c->source_name.n > 0;
	out->what = d->binary ? "package" : "source package";
	out->name = d->binary || !c->source_name.n ? c->name : c->source_name;
	out->version = d->binary || !c->source_version.n ? c->version : c->source_version;
	if (d->signs_kernels && hm_starts(out->name, HM_STR("linux-signed-"))) {
		out->name = HM_STR("linux");
		out->version = c->version;
	}
}

static void find_os_package(struct hm_cx *cx, const struct advisory_db *db,
			    const struct inventory *inv, const struct inventory_component *c,
			    struct advisory_candidate *out, struct hm_str *why)
{
	struct hm_str id, release;
	find_release(inv, c, &id, &release);
	const struct distribution *d = find_distribution(c->type, id);
	if (!d) {
		*why = id.n ? hm_say(cx, "no advisories are known for distribution \"%.*s\"",
				     HM_FMT(id))
			    : HM_STR("its distribution is not known");
		return;
	}
	if (!release.n && d->release != NONE) {
		*why = hm_say(cx, "the release of %s is not known", d->ecosystem);
		return;
	}
	name_os_package(d, c, out);
	list_ecosystems(cx, db, d, release, &out->ecosystems);
	if (db && !advisory_has_any(db, &out->ecosystems))
		*why = hm_say(cx, "the database has no advisories of %s, release \"%.*s\"",
			      d->ecosystem, HM_FMT(release));
	else if (db && d->release == UBUNTU)
		find_binary_package(cx, db, c, out);
}

static void find_language_package(struct hm_cx *cx, const struct inventory_component *c,
				  struct advisory_candidate *out)
{
	const struct inventory_type *type = inventory_type_of(c->type);
	struct hm_str name = c->name;
	if (c->namespace.n && type->join)
		name = hm_fmt(cx, "%.*s%c%.*s", HM_FMT(c->namespace), type->join, HM_FMT(c->name));
	*hm_push(cx, &out->ecosystems) = hm_cstr(type->ecosystem);
	out->name = inventory_type_key(cx, type, name);
	out->version = c->version;
	out->what = "package";
	if (type->rules & INVENTORY_GUESSED_GROUP && (c->group_guessed || !c->namespace.n))
		out->artifact = c->name;
}

/* "v0.0.0-20240102150405-0123456789ab": a pseudo-version without a tag before it. */
static bool is_commit(struct hm_str version)
{
	static const char head[] = "v0.0.0-";
	size_t digits = 0;
	struct hm_str rest = hm_from(version, strlen(head));
	while (digits < rest.n && hm_is_digit(rest.p[digits]))
		digits++;
	return hm_starts(version, hm_cstr(head)) && digits == 14 && digits < rest.n &&
	       rest.p[digits] == '-';
}

bool advisory_candidate_is(const struct advisory_candidate *c, struct hm_str name)
{
	return hm_eq(name, c->name) || (c->also && hm_eq(name, c->also->name)) ||
	       (c->artifact.n && hm_eq(advisory_artifact_of(name), c->artifact));
}

void advisory_candidate_of(struct hm_cx *cx, const struct advisory_db *db,
			   const struct inventory *inv, const struct inventory_component *c,
			   struct advisory_candidate *out, struct hm_str *out_why)
{
	struct advisory_candidate can = { .scheme = advisory_scheme_of(c->type),
					  .has_modules =
						  inventory_type_has(c->type, INVENTORY_MODULES),
					  .inventory = inv };
	struct hm_str why = { "", 0 };
	int d;
	if (!c->version.n)
		why = c->range.n ? hm_say(cx, "it is not pinned: \"%.*s\"", HM_FMT(c->range))
				 : HM_STR("it has no version");
	else if (c->main_module && is_commit(c->version))
		why = hm_fmt(cx,
			     "version %.*s of the main module is derived from its commit, and "
			     "cannot be compared with other versions",
			     HM_FMT(c->version));
	else if (!can.scheme)
		why = hm_say(cx, "versions of type \"%.*s\" cannot be compared", HM_FMT(c->type));
	else if (inventory_type_has(c->type, INVENTORY_OS))
		find_os_package(cx, db, inv, c, &can, &why);
	else
		find_language_package(cx, c, &can);
	if (!why.n && can.scheme && !can.scheme->compare(can.version, can.version, &d))
		why = hm_say(cx, "\"%.*s\" is not a valid %s version", HM_FMT(can.version),
			     can.scheme->name);
	*out = can;
	*out_why = why;
}

void advisory_ecosystems_of(struct hm_cx *cx, const struct inventory *inv, struct hm_strs *out)
{
	struct hm_strs all = { 0 };
	for (size_t i = 0; i < inv->n; i++) {
		struct advisory_candidate c;
		struct hm_str why;
		struct hm_mark mark = hm_mark(cx);
		advisory_candidate_of(cx, NULL, inv, &inv->components[i], &c, &why);
		bool is_new = false;
		for (size_t k = 0; k < c.ecosystems.n; k++)
			is_new |= !hm_strs_has(&all, c.ecosystems.p[k]);
		if (!is_new) {
			hm_release(cx, mark);
			continue;
		}
		for (size_t k = 0; k < c.ecosystems.n; k++)
			if (!hm_strs_has(&all, c.ecosystems.p[k]))
				*hm_push(cx, &all) = c.ecosystems.p[k];
	}
	hm_strs_sort_unique(&all);
	*out = all;
}
