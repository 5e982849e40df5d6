/* SPDX-License-Identifier: Apache-2.0 */
/* What scripts and triggers of the packages would have done: asked of a worker. */
#include "base/worker.h"
#include "repair/rpm/script.h"

struct asked {
	struct repair_change *change; /* NULL: of a package that stays */
	struct hm_str package, kind;
};
struct asking {
	const struct rpm_at *at;
	struct hm_buf question;
	struct {
		struct asked *p;
		size_t n, cap;
	} asked;
	struct {
		struct reason {
			struct repair_change *change;
			struct hm_str script, why;
		} * p;
		size_t n, cap;
	} unknown;
};

static void asking_done(struct asking *a)
{
	hm_buf_done(&a->question);
}

/* ------------------------------------------------------------------ what is there */

static void put_node(struct hm_buf *b, unsigned when, const struct repair_node *n)
{
	hm_buf_char(b, RPM_SCRIPT_NODE);
	repair_wire_put_node(b, when, n,
			     n->is_kept && hm_starts(n->path, HM_STR("etc/")) &&
				     n->content.n <= HM_MAX_SCRIPT);
}

/* By a mark of its own, or by one of a folder that it is in. */
static bool is_hidden(struct hm_cx *cx, const struct repair_layer *l, struct hm_str path)
{
	struct hm_mark mark = hm_mark(cx);
	bool hidden = false;
	for (; path.n && !hidden; path = hm_dirname(path)) {
		struct hm_str dir = hm_dirname(path);
		hidden = repair_layer_has(l, hm_fmt(cx, "%.*s%s.wh.%.*s", HM_FMT(dir),
						    dir.n ? "/" : "", HM_FMT(hm_basename(path))));
	}
	hm_release(cx, mark);
	return hidden;
}

static void put_image(struct hm_cx *cx, struct asking *a)
{
	const struct repair_root *root = &a->at->run->root;
	const struct hm_map *new = &a->at->l->emitted;
	for (size_t i = 0; i < root->nodes.n; i++) {
		const struct repair_node *n = root->nodes.entries[i].value;
		if (n->is_gone)
			continue;
		bool stays =
			!repair_layer_has(a->at->l, n->path) && !is_hidden(cx, a->at->l, n->path);
		put_node(&a->question, SHELL_BEFORE | (stays ? SHELL_AFTER : 0), n);
	}
	for (size_t i = 0; i < new->n; i++) {
		const struct repair_put *p = new->entries[i].value;
		struct repair_node n;
		if (repair_wire_node_of(p, &n))
			put_node(&a->question, SHELL_AFTER, &n);
	}
}

/* ------------------------------------------------------------------ scripts */

static void ask(struct hm_cx *cx, struct asking *a, const struct rpm_call *c,
		struct repair_change *change)
{
	hm_buf_char(&a->question, RPM_SCRIPT_CALL);
	hm_buf_char(&a->question, (char)c->stage);
	hm_buf_char(&a->question, (char)c->count);
	hm_buf_counted(&a->question, c->package);
	hm_buf_counted(&a->question, c->kind);
	hm_buf_counted(&a->question, c->program);
	hm_buf_counted(&a->question, c->body);
	*hm_push(cx, &a->asked) = (struct asked){ change, c->package, c->kind };
}

/* In the order in which rpm runs them; the first argument where the package is new, is replaced,
 * and is removed. */
static const struct order_row {
	const char *kind;
	unsigned stage;
	bool is_old;
	unsigned installed, upgraded, removed;
} order[] = {
	{ "pretrans", SHELL_BEFORE, false, 1, RPM_COUNT_UNKNOWN, 0 },
	{ "preuntrans", SHELL_BEFORE, true, 0, RPM_COUNT_UNKNOWN, RPM_COUNT_UNKNOWN },
	{ "pre", SHELL_BEFORE, false, 1, 2, 0 },
	{ "post", SHELL_AFTER, false, 1, 2, 0 },
	{ "preun", SHELL_AFTER, true, 0, 1, 0 },
	{ "postun", SHELL_AFTER, true, 0, 1, 0 },
	{ "posttrans", SHELL_AFTER, false, 1, RPM_COUNT_UNKNOWN, 0 },
	{ "postuntrans", SHELL_AFTER, true, 0, RPM_COUNT_UNKNOWN, RPM_COUNT_UNKNOWN },
};

static void ask_package(struct hm_cx *cx, struct asking *a, const struct rpm_change *c,
			const struct order_row *row)
{
	const struct rpm_package *p = row->is_old ? NULL : c->removed ? NULL : &c->f.p;
	if (row->is_old && c->old != SIZE_MAX)
		p = &a->at->db->packages.p[c->old].p;
	for (size_t i = 0; p && i < p->scripts.n; i++) {
		const struct rpm_script *s = &p->scripts.p[i];
		struct rpm_call call = {
			row->stage,
			c->removed ? row->removed : c->old == SIZE_MAX ? row->installed : row->upgraded,
			p->name,
			s->kind,
			s->program,
			s->body
		};
		if (!s->trigger && hm_eqz(s->kind, row->kind))
			ask(cx, a, &call, c->change);
	}
}

/* ------------------------------------------------------------------ triggers */

static bool is_below(const struct rpm_package *p, struct hm_str prefix)
{
	if (hm_starts(prefix, HM_STR("/")))
		prefix = hm_from(prefix, 1);
	for (size_t i = 0; i < p->files.n; i++)
		if (hm_starts(p->files.p[i].path, prefix))
			return true;
	return false;
}

static bool touches(const struct rpm_at *at, const struct rpm_change *c, const struct rpm_script *s)
{
	for (size_t i = 0; i < s->on.n; i++) {
		if (s->trigger == RPM_PACKAGE_TRIGGER) {
			if (hm_eq(c->change->name, s->on.p[i]))
				return true;
			continue;
		}
		if ((!c->removed && is_below(&c->f.p, s->on.p[i])) ||
		    (c->old != SIZE_MAX && is_below(&at->db->packages.p[c->old].p, s->on.p[i])))
			return true;
	}
	return false;
}

/* Is what the trigger waits for there at all? */
static bool has_cause(const struct rpm_at *at, const struct rpm_script *s)
{
	for (size_t i = 0; i < at->db->packages.n; i++) {
		const struct rpm_package *p = &at->db->packages.p[i].p;
		for (size_t k = 0; k < s->on.n; k++)
			if (s->trigger == RPM_PACKAGE_TRIGGER ? hm_eq(p->name, s->on.p[k])
							      : is_below(p, s->on.p[k]))
				return true;
	}
	for (size_t i = 0; i < at->changes.n; i++)
		if (touches(at, &at->changes.p[i], s))
			return true;
	return false;
}

static void ask_triggers(struct hm_cx *cx, struct asking *a, const struct rpm_package *p,
			 struct repair_change *own)
{
	for (size_t i = 0; i < p->scripts.n; i++) {
		const struct rpm_script *s = &p->scripts.p[i];
		bool fires = false;
		if (!s->trigger)
			continue;
		for (size_t k = 0; k < a->at->changes.n && !fires; k++)
			fires = touches(a->at, &a->at->changes.p[k], s);
		fires = fires || (own && has_cause(a->at, s));
		struct rpm_call call = { SHELL_AFTER, RPM_COUNT_UNKNOWN, p->name,
					 s->kind,     s->program,        s->body };
		if (fires)
			ask(cx, a, &call, own);
	}
}

static void put_calls(struct hm_cx *cx, struct asking *a)
{
	const struct rpm_at *at = a->at;
	for (size_t r = 0; r < HM_LEN(order); r++)
		for (size_t i = 0; i < at->changes.n; i++)
			ask_package(cx, a, &at->changes.p[i], &order[r]);
	for (size_t i = 0; i < at->db->packages.n; i++)
		if (!at->db->packages.p[i].gone)
			ask_triggers(cx, a, &at->db->packages.p[i].p, NULL);
	for (size_t i = 0; i < at->changes.n; i++)
		if (!at->changes.p[i].removed)
			ask_triggers(cx, a, &at->changes.p[i].f.p, at->changes.p[i].change);
}

/* ------------------------------------------------------------------ the answer */

static void add_why(struct hm_cx *cx, struct repair_change *c, enum repair_script kind,
		    struct hm_str script, struct hm_str what)
{
	struct hm_str why = hm_fmt(cx, "%.*s: %.*s", HM_FMT(script), HM_FMT(what));
	if (c->script < kind)
		c->script = kind;
	if (!hm_strs_has(&c->script_why, why))
		*hm_push(cx, &c->script_why) = why;
}

/* The trigger of a package that stays: who allows it names that package. */
static hm_err judge_other(struct hm_cx *cx, const struct asking *a, const struct asked *q,
			  struct hm_str why)
{
	if (!repair_allows(cx, a->at->run, q->package))
		return hm_hint(cx,
			       hm_fail(cx, HM_DENIED,
				       "a trigger of \"%.*s\" would run, and does what nobody here "
				       "knows (%.*s: %.*s)",
				       HM_FMT(q->package), HM_FMT(q->kind), HM_FMT(why)),
			       "--allow-scripts PACKAGE where it may be left out");
	*hm_push(cx, &a->at->run->result->notes) =
		hm_fmt(cx, "a trigger of %.*s was left out", HM_FMT(q->package));
	return NULL;
}

static hm_err judge(struct hm_cx *cx, struct asking *a, const struct asked *q, struct hm_str why)
{
	if (!q->change)
		return judge_other(cx, a, q, why);
	*hm_push(cx, &a->unknown) = (struct reason){ q->change, q->kind, why };
	return NULL;
}

static hm_err read_effects(struct hm_cx *cx, struct asking *a, struct hm_cur *c,
			   const struct asked *q)
{
	for (uint64_t n = hm_uvarint(c); n && !c->bad; n--) {
		struct shell_effect e;
		struct hm_str why;
		HM_TRY(repair_wire_take_effect(cx, c, &e));
		HM_TRY(repair_rpm_effect(cx, a->at, &e, &why));
		if (why.n)
			HM_TRY(judge(cx, a, q, why));
		else if (q->change && q->change->script < REPAIR_SCRIPT_DONE)
			q->change->script = REPAIR_SCRIPT_DONE;
	}
	return NULL;
}

static hm_err read_answers(struct hm_cx *cx, struct asking *a, struct hm_str answer)
{
	struct hm_cur c = hm_cur(answer);
	for (size_t i = 0; i < a->asked.n; i++) {
		const struct asked *q = &a->asked.p[i];
		bool unknown = hm_le(&c, 1) == 1;
		struct hm_str why = hm_take_str(&c, hm_uvarint(&c));
		for (uint64_t n = hm_uvarint(&c); n && !c.bad; n--) {
			struct hm_str what = hm_take_str(&c, hm_uvarint(&c));
			if (q->change)
				add_why(cx, q->change, REPAIR_SCRIPT_DONE, q->kind, what);
		}
		if (unknown)
			HM_TRY(judge(cx, a, q, why));
		HM_TRY(read_effects(cx, a, &c, q));
	}
	/* The last one is what a refusal names. */
	for (size_t i = 0; i < a->unknown.n; i++)
		add_why(cx, a->unknown.p[i].change, REPAIR_SCRIPT_UNKNOWN, a->unknown.p[i].script,
			a->unknown.p[i].why);
	return c.bad || c.n ? hm_fail(cx, HM_INPUT, "their reader answered in no known form")
			    : NULL;
}

hm_err repair_rpm_scripts(struct hm_cx *cx, struct rpm_at *at)
{
	HM_CLEANUP(asking_done)
	struct asking a = { .at = at, .question = HM_BUF(HM_MAX_REPAIR_FILES) };
	struct hm_str question, answer;
	put_image(cx, &a);
	put_calls(cx, &a);
	if (!a.asked.n)
		return NULL;
	HM_TRY(hm_buf_end(cx, &a.question, "what the scripts are read over", &question));
	HM_TRY(hm_worker_run(cx, REPAIR_RPM_SCRIPTS_JOB, HM_STR(""), question, &answer));
	return read_answers(cx, &a, answer);
}
