/* SPDX-License-Identifier: Apache-2.0 */
/* Is a version affected? ossf.github.io/osv-schema, "Evaluation". */
#include "advisory/range.h"

struct span {
	const struct advisory_candidate *c;
	const struct advisory_event *last;  /* the newest event that has happened to the version */
	const struct advisory_event *close; /* the oldest that has not, and ends it */
	bool limited, below_limit;
	struct hm_str strange; /* an event that could not be compared */
};

static bool is_beginning(const struct advisory_event *e)
{
	return e->kind == ADVISORY_INTRODUCED && hm_eqz(e->version, "0");
}

/* The candidate's version beside one that an advisory names; false: they cannot be compared. */
static bool compare_with(const struct advisory_candidate *c, struct hm_str bound, int *d)
{
	const struct advisory_scheme *scheme = c->scheme;
	return (scheme->beside ? scheme->beside : scheme->compare)(c->version, bound, d);
}

/* The version beside an event's; false: they cannot be compared. */
static bool compare_event(struct span *s, const struct advisory_event *e, int *d)
{
	if (is_beginning(e)) {
		*d = 1;
		return true;
	}
	if (compare_with(s->c, e->version, d))
		return true;
	s->strange = e->version;
	return false;
}

static int compare_events(struct span *s, const struct advisory_event *a,
			  const struct advisory_event *b)
{
	int d = 0;
	if (is_beginning(a) || is_beginning(b))
		return (int)is_beginning(b) - (int)is_beginning(a);
	return s->c->scheme->compare(a->version, b->version, &d) ? d : 0;
}

static void apply_event(struct span *s, const struct advisory_event *e)
{
	int d;
	if (e->kind == ADVISORY_LIMIT) {
		s->limited = true;
		if (hm_eqz(e->version, "*") || (compare_event(s, e, &d) && d < 0))
			s->below_limit = true;
		return;
	}
	if (!compare_event(s, e, &d))
		return;
	bool happened = e->kind == ADVISORY_LAST_AFFECTED ? d > 0 : d >= 0;
	if (happened && (!s->last || compare_events(s, e, s->last) >= 0))
		s->last = e;
	if (!happened && e->kind != ADVISORY_INTRODUCED &&
	    (!s->close || compare_events(s, e, s->close) < 0))
		s->close = e;
}

/* Of a version in a sentence: a scan may make half a million of them. */
enum { SHOWN = 128 };

static struct hm_str describe_span(struct hm_cx *cx, const struct span *s)
{
	struct hm_str from = is_beginning(s->last)
				     ? HM_STR("")
				     : hm_say(cx, "at or after %.*s",
					      HM_FMT(hm_sub(s->last->version, 0, SHOWN)));
	struct hm_str to = HM_STR("no fixed version is known");
	if (s->close)
		to = hm_say(cx, s->close->kind == ADVISORY_FIXED ? "before %.*s" : "not after %.*s",
			    HM_FMT(hm_sub(s->close->version, 0, SHOWN)));
	return hm_say(cx, "%.*s%s%.*s", HM_FMT(from),
		      !from.n    ? ""
		      : s->close ? " and "
				 : "; ",
		      HM_FMT(to));
}

void advisory_add_version(struct hm_cx *cx, const struct advisory_scheme *scheme,
			  struct hm_strs *versions, struct hm_str v)
{
	size_t at = versions->n;
	if (at >= HM_MAX_FIXED_VERSIONS)
		return;
	for (size_t i = 0; i < versions->n; i++) {
		int d = 0;
		if (!scheme->compare(v, versions->p[i], &d))
			d = hm_cmp(v, versions->p[i]);
		if (d == 0)
			return;
		if (d < 0 && at == versions->n)
			at = i;
	}
	hm_push(cx, versions);
	memmove(&versions->p[at + 1], &versions->p[at],
		(versions->n - 1 - at) * sizeof(*versions->p));
	versions->p[at] = v;
}

static struct hm_str lowest_fix(const struct advisory_candidate *c, const struct advisory_range *r)
{
	struct hm_str lowest = { "", 0 };
	for (size_t i = 0; i < r->n; i++) {
		int d;
		if (r->events[i].kind != ADVISORY_FIXED ||
		    !compare_with(c, r->events[i].version, &d) || d >= 0)
			continue;
		if (!lowest.n || (c->scheme->compare(r->events[i].version, lowest, &d) && d < 0))
			lowest = r->events[i].version;
	}
	return lowest;
}

static void judge_range(struct hm_cx *cx, const struct advisory_candidate *c,
			const struct advisory_range *r, struct advisory_verdict *out)
{
	struct span s = { .c = c };
	for (size_t i = 0; i < r->n; i++)
		apply_event(&s, &r->events[i]);
	bool inside =
		s.last && s.last->kind == ADVISORY_INTRODUCED && (!s.limited || s.below_limit);
	if (!inside) {
		if (!out->affected && s.last && s.last->kind != ADVISORY_INTRODUCED)
			out->why =
				hm_say(cx, "%.*s is %s %.*s (%s order)",
				       HM_FMT(hm_sub(c->version, 0, SHOWN)),
				       s.last->kind == ADVISORY_FIXED ? "not before the fixed"
								      : "after the last affected",
				       HM_FMT(hm_sub(s.last->version, 0, SHOWN)), c->scheme->name);
		else if (!out->affected && s.strange.n)
			out->why = hm_say(cx, "\"%.*s\" in the advisory is not a valid %s version",
					  HM_FMT(hm_sub(s.strange, 0, SHOWN)), c->scheme->name);
		return;
	}
	struct hm_str fix = lowest_fix(c, r);
	out->why = hm_say(cx, "%.*s is affected: %.*s (%s order)",
			  HM_FMT(hm_sub(c->version, 0, SHOWN)), HM_FMT(describe_span(cx, &s)),
			  c->scheme->name);
	out->affected = true;
	if (fix.n)
		advisory_add_version(cx, c->scheme, &out->fixed, fix);
}

static bool is_listed(const struct advisory_candidate *c, const struct hm_strs *versions)
{
	for (size_t i = 0; i < versions->n; i++) {
		int d;
		if (hm_eq(c->version, versions->p[i]) ||
		    (compare_with(c, versions->p[i], &d) && d == 0))
			return true;
	}
	return false;
}

/* --- modules of RPM distributions: streams of one package side by side --- */

static bool is_modular(struct hm_str version)
{
	return hm_find(version, HM_STR(".module")) != SIZE_MAX;
}

static struct hm_str first_fix(const struct advisory_affected *a)
{
	for (size_t i = 0; i < a->ranges_n; i++)
		for (size_t k = 0; k < a->ranges[i].n; k++)
			if (a->ranges[i].events[k].kind == ADVISORY_FIXED)
				return a->ranges[i].events[k].version;
	return (struct hm_str){ "", 0 };
}

static bool follows_stream(struct hm_str version, struct hm_str stream)
{
	size_t colon = hm_find_char(version, ':');
	if (colon != SIZE_MAX)
		version = hm_from(version, colon + 1);
	return hm_starts(version, stream) &&
	       (version.n == stream.n || version.p[stream.n] == '.' || version.p[stream.n] == '-');
}

/* ".module_el8.6.0+1187+541216eb": the same in all packages of one build of a module. */
static struct hm_str build_of(struct hm_str version)
{
	struct hm_str build = hm_from(version, hm_find(version, HM_STR(".module")));
	size_t dot = hm_rfind_char(build, '.'); /* a respin of one package: "+ce6f4ceb.1" */
	size_t plus = hm_rfind_char(build, '+');
	return dot != SIZE_MAX && plus != SIZE_MAX && dot > plus ? hm_sub(build, 0, dot) : build;
}

/* A package that is numbered like the stream of the module it belongs to. */
static bool is_leading(struct hm_str name, struct hm_str module)
{
	static const char *const tails[] = { "", "-libs", "-common", "-core", "-server" };
	for (size_t i = 0; i < HM_LEN(tails); i++)
		if (hm_starts(name, module) && hm_eqz(hm_from(name, module.n), tails[i]))
			return true;
	return false;
}

/* What the leading package of the same build, where it is installed, says of the stream. */
static struct hm_str stream_version(const struct advisory_candidate *c, struct hm_str module)
{
	struct hm_str build = build_of(c->version);
	for (size_t i = 0; c->inventory && i < c->inventory->n; i++) {
		const struct inventory_component *other = &c->inventory->components[i];
		if (inventory_type_has(other->type, INVENTORY_MODULES) &&
		    is_leading(other->name, module) && is_modular(other->version) &&
		    hm_eq(build_of(other->version), build))
			return other->version;
	}
	return (struct hm_str){ "", 0 };
}

/* Why the package is of another stream than the advisory's; empty: it is not, or nobody knows. The
 * stream of a package follows from the version of the leading package of its build, or from its
 * own where it is numbered like the stream. */
static struct hm_str other_stream(struct hm_cx *cx, const struct advisory_candidate *c,
				  const struct advisory_affected *a)
{
	struct hm_str fix = first_fix(a), stream = a->module;
	if (!fix.n || is_modular(fix) != is_modular(c->version))
		return !fix.n ? HM_STR("")
		       : is_modular(fix)
			       ? HM_STR("the advisory is about a module, but the package does not belong to one")
			       : HM_STR("the package belongs to a module, but the advisory is not about one");
	struct hm_str module = hm_cut(&stream, ':');
	if (!is_modular(fix) || !stream.n || !hm_is_digit(*stream.p))
		return (struct hm_str){ "", 0 };
	struct hm_str version = stream_version(c, module);
	if (!version.n && follows_stream(fix, stream))
		version = c->version;
	if (!version.n || follows_stream(version, stream))
		return (struct hm_str){ "", 0 };
	return hm_say(cx, "the advisory is about module %.*s, and %.*s belongs to another stream",
		      HM_FMT(a->module), HM_FMT(hm_sub(c->version, 0, SHOWN)));
}

static const struct advisory_binary *find_binary(const struct advisory_affected *a,
						 struct hm_str name)
{
	for (size_t i = 0; i < a->binaries_n; i++)
		if (hm_eq(a->binaries[i].name, name))
			return &a->binaries[i];
	return NULL;
}

/* From some version up to the fix, and nothing else? */
static bool is_plain(const struct advisory_range *r)
{
	size_t n[ADVISORY_EVENT_KINDS] = { 0 };
	for (size_t i = 0; i < r->n; i++)
		n[r->events[i].kind]++;
	return r->n == 2 && n[ADVISORY_INTRODUCED] == 1 && n[ADVISORY_FIXED] == 1;
}

/* What is said of the source, in versions of a binary package that is numbered by itself: of them
 * only the one with the fix is known. */
static struct advisory_affected of_binary(struct hm_cx *cx, const struct advisory_affected *a,
					  struct hm_str name)
{
	struct advisory_affected own = *a;
	const struct advisory_binary *binary = find_binary(a, name);
	if (!binary || !binary->version.n)
		return own;
	own.ranges = hm_new(cx, struct advisory_range, a->ranges_n);
	for (size_t i = 0; i < a->ranges_n; i++) {
		own.ranges[i] = a->ranges[i];
		if (!is_plain(&a->ranges[i]))
			continue;
		struct advisory_event *events = hm_new(cx, struct advisory_event, 2);
		events[0] = (struct advisory_event){ ADVISORY_INTRODUCED, HM_STR("0") };
		events[1] = (struct advisory_event){ ADVISORY_FIXED, binary->version };
		own.ranges[i].events = events;
		own.versions = (struct hm_strs){ 0 };
	}
	return own;
}

/* Is what is said of a source not for the component, or said of it as a binary package, too? */
static bool is_left_to_binary(const struct advisory_candidate *c, const struct advisory_affected *a)
{
	return c->also && a->binaries_n &&
	       (!c->has_source || find_binary(a, c->also->binary) != NULL);
}

void advisory_judge(struct hm_cx *cx, const struct advisory_candidate *c,
		    const struct advisory_affected *affected, struct advisory_verdict *out)
{
	const struct advisory_affected own = of_binary(cx, affected, c->binary), *a = &own;
	*out = (struct advisory_verdict){ .why = HM_STR("no range of it contains the version") };
	if (is_left_to_binary(c, affected)) {
		out->why = HM_STR("the advisory names what the source builds");
		return;
	}
	if (c->has_modules) {
		struct hm_str why = other_stream(cx, c, a);
		if (why.n) {
			out->why = why;
			return;
		}
	}
	for (size_t i = 0; i < a->ranges_n; i++)
		judge_range(cx, c, &a->ranges[i], out);
	if (out->affected || !is_listed(c, &a->versions))
		return;
	out->affected = true;
	out->why =
		hm_say(cx, "%.*s is affected: it is listed", HM_FMT(hm_sub(c->version, 0, SHOWN)));
	for (size_t i = 0; i < a->ranges_n; i++) {
		struct hm_str fix = lowest_fix(c, &a->ranges[i]);
		if (fix.n)
			advisory_add_version(cx, c->scheme, &out->fixed, fix);
	}
}
