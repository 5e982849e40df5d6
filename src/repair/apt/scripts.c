/* SPDX-License-Identifier: Apache-2.0 */
/* What the maintainer scripts of the packages would have done: asked of a worker, put into the
 * layer. */
#include "repair/apt/script.h"

#include "base/worker.h"
#include "repair/apt/dpkg.h"

/* A path that scripts change, as it is in the end. */
struct outcome {
	bool exists, has_content;
	bool is_written; /* by a script */
	struct tar_entry e;
	struct hm_str content;
	struct repair_change *change; /* whose script it was last */
	const struct asked *asked;
};
struct scripts {
	const struct dpkg_at *at;
	struct repair_changes *changes;
	const struct deb *debs;
	struct hm_buf question;
	struct {
		struct asked {
			struct repair_change *change;
			const char *script;
			struct script_call call;
		} * p;
		size_t n, cap;
	} asked;
	struct hm_map outcomes;
};

static void scripts_done(struct scripts *s)
{
	hm_buf_done(&s->question);
}

/* ------------------------------------------------------------------ the question */

static void put_node(struct hm_buf *b, unsigned when, const struct repair_node *n)
{
	hm_buf_char(b, SCRIPT_NODE);
	repair_wire_put_node(b, when, n,
			     n->is_kept && n->content.n <= HM_MAX_SCRIPT &&
				     repair_root_is_read(n->path));
}

static void put_image(struct scripts *s)
{
	const struct repair_root *root = &s->at->run->root;
	for (size_t i = 0; i < root->nodes.n; i++) {
		const struct repair_node *n = root->nodes.entries[i].value;
		bool stays = !hm_map_has(&s->at->d->removed, n->path) &&
			     !repair_layer_has(s->at->l, n->path);
		if (!n->is_gone)
			put_node(&s->question, SHELL_BEFORE | (stays ? SHELL_AFTER : 0), n);
	}
}

static void put_layer(struct scripts *s)
{
	const struct hm_map *all = &s->at->l->emitted;
	for (size_t i = 0; i < all->n; i++) {
		const struct repair_put *p = all->entries[i].value;
		struct repair_node n;
		if (repair_wire_node_of(p, &n))
			put_node(&s->question, SHELL_AFTER, &n);
	}
}

static void put_packages(struct scripts *s)
{
	hm_buf_char(&s->question, SCRIPT_NATIVE);
	hm_buf_counted(&s->question, s->at->run->architecture);
	for (size_t i = 0; i < s->at->d->packages.n; i++) {
		const struct dpkg_package *p = &s->at->d->packages.p[i];
		if (!p->is_installed)
			continue;
		hm_buf_char(&s->question, SCRIPT_PACKAGE);
		hm_buf_counted(&s->question, p->name);
		hm_buf_counted(&s->question, p->arch);
		hm_buf_counted(&s->question, p->version);
	}
}

static struct hm_str old_script(struct hm_cx *cx, const struct scripts *s,
				const struct repair_change *c, const char *script)
{
	const struct repair_root *root = &s->at->run->root;
	const struct repair_node *n =
		repair_root_at(root, hm_fmt(cx, "var/lib/dpkg/info/%.*s:%.*s.%s", HM_FMT(c->name),
					    HM_FMT(c->arch), script));
	if (!n)
		n = repair_root_at(root, hm_fmt(cx, "var/lib/dpkg/info/%.*s.%s", HM_FMT(c->name),
						script));
	return n && n->is_kept ? n->content : HM_STR("");
}

static struct hm_str new_script(const struct deb *deb, const char *script)
{
	for (size_t i = 0; i < deb->controls.n; i++)
		if (hm_eqz(deb->controls.p[i].name, script))
			return deb->controls.p[i].bytes;
	return HM_STR("");
}

/* The calls of an upgrade, and of a package that is new (Debian Policy, 6.6). */
static const struct call_row {
	const char *script, *action;
	unsigned stage;
	bool is_old;         /* of the version that was there */
	bool for_new;        /* also of a package that was not there; then: */
	const char *instead; /* its action */
} calls[] = {
	{ "prerm", "upgrade", SHELL_BEFORE, true, false, NULL },
	{ "preinst", "upgrade", SHELL_BEFORE, false, true, "install" },
	{ "postrm", "upgrade", SHELL_AFTER, true, false, NULL },
	{ "templates", "", SHELL_AFTER, false, true, "" },
	{ "config", "configure", SHELL_AFTER, false, true, "configure" },
	{ "postinst", "configure", SHELL_AFTER, false, true, "configure" },
};

static void put_call(struct hm_cx *cx, struct scripts *s, size_t i, const struct call_row *row)
{
	struct repair_change *c = &s->changes->p[i];
	bool is_preinst = strcmp(row->script, "preinst") == 0;
	struct script_call call = {
		.package = c->name,
		.arch = c->arch,
		.script = hm_cstr(row->script),
		.action = hm_cstr(c->from.n ? row->action : row->instead),
		.version = row->is_old ? c->to : c->from,
		.newer = is_preinst && c->from.n ? c->to : HM_STR(""),
		.has_version = c->from.n > 0 || !is_preinst,
		.stage = row->stage,
		.text = row->is_old ? old_script(cx, s, c, row->script)
				    : new_script(&s->debs[i], row->script),
	};
	if (!call.text.n || s->debs[i].leaves_scripts)
		return;
	repair_script_put_call(&s->question, &call);
	*hm_push(cx, &s->asked) = (struct asked){ c, row->script, call };
}

/* Stage by stage: what is there afterwards is there for all of them. */
static void put_calls(struct hm_cx *cx, struct scripts *s)
{
	static const unsigned stages[] = { SHELL_BEFORE, SHELL_AFTER };
	for (size_t k = 0; k < HM_LEN(stages); k++)
		for (size_t i = 0; i < s->changes->n; i++)
			for (size_t j = 0; j < HM_LEN(calls); j++)
				if (calls[j].stage == stages[k] && s->changes->p[i].to.n &&
				    (s->changes->p[i].from.n || calls[j].for_new))
					put_call(cx, s, i, &calls[j]);
}

/* ------------------------------------------------------------------ effects */

static struct outcome *outcome_of(struct hm_cx *cx, struct scripts *s, struct hm_str path)
{
	struct outcome *o = hm_map_get(&s->outcomes, path);
	const struct repair_put *p = hm_map_get(&s->at->l->emitted, path);
	const struct repair_node *n = repair_root_at(&s->at->run->root, path);
	if (o)
		return o;
	o = hm_new(cx, struct outcome, 1);
	if (p) {
		o->e = p->e;
		o->has_content = p->is_kept;
		o->content = p->content;
	} else if (n) {
		o->e = (struct tar_entry){ .type = n->type,
					   .mode = n->mode,
					   .uid = n->uid,
					   .gid = n->gid,
					   .link = n->link };
		o->has_content = n->is_kept;
		o->content = n->content;
	}
	o->exists = p || n;
	o->e.path = hm_dup(cx, path);
	hm_map_put(cx, &s->outcomes, o->e.path, o);
	return o;
}

static void change_outcome(struct outcome *o, const struct shell_effect *e)
{
	struct hm_str path = o->e.path;
	switch (e->type) {
	case SHELL_MODE:
		o->e.mode = e->mode;
		return;
	case SHELL_OWNER:
		o->e.uid = e->uid;
		o->e.gid = e->gid;
		return;
	case SHELL_REMOVE:
		o->exists = false;
		return;
	case SHELL_CAPABILITY:
		o->e.capability = e->text;
		return;
	case SHELL_MKDIR:
	case SHELL_LINK:
	case SHELL_WRITE:
	case SHELL_EFFECTS:
		o->exists = true;
		o->e = (struct tar_entry){ .path = path,
					   .type = e->type == SHELL_MKDIR  ? TAR_DIR
						   : e->type == SHELL_LINK ? TAR_SYMLINK
									   : TAR_FILE,
					   .mode = e->mode,
					   .uid = e->uid,
					   .gid = e->gid,
					   .link = e->type == SHELL_LINK ? e->text : HM_STR("") };
		o->is_written = o->has_content = e->type == SHELL_WRITE;
		o->content = e->text;
	}
}

static bool is_same(const struct outcome *o, const struct tar_entry *e, bool kept,
		    struct hm_str content)
{
	return o->exists && o->e.type == e->type && o->e.mode == e->mode && o->e.uid == e->uid &&
	       o->e.gid == e->gid && (e->type != TAR_SYMLINK || hm_eq(o->e.link, e->link)) &&
	       (e->type != TAR_FILE || !o->is_written || (kept && hm_eq(o->content, content)));
}

/* To be run in a container, where that is asked for; each once. */
static void want_run(struct hm_cx *cx, struct scripts *s, const struct asked *a)
{
	struct repair_run *run = s->at->run;
	struct repair_call call = { .change = a->change,
				    .script = a->call.script,
				    .text = a->call.text,
				    .is_after = a->call.stage == SHELL_AFTER };
	if (hm_eqz(a->call.script, "templates") || hm_eqz(a->call.script, "config"))
		return; /* debconf runs them itself */
	for (size_t i = 0; i < run->calls.n; i++)
		if (run->calls.p[i].change == a->change &&
		    hm_eq(run->calls.p[i].script, call.script))
			return;
	*hm_push(cx, &call.arguments) = a->call.action;
	if (a->call.has_version)
		*hm_push(cx, &call.arguments) = a->call.version;
	if (a->call.newer.n)
		*hm_push(cx, &call.arguments) = a->call.newer;
	*hm_push(cx, &run->calls) = call;
}

static void refuse_outcome(struct hm_cx *cx, struct scripts *s, struct outcome *o)
{
	want_run(cx, s, o->asked);
	o->change->script = REPAIR_SCRIPT_UNKNOWN;
	*hm_push(cx, &o->change->script_why) =
		hm_fmt(cx, "\"/%.*s\" is changed, which cannot be done here", HM_FMT(o->e.path));
}

/* What the layer has already is changed there; *out_put: it is to be put after all. */
static hm_err change_put(struct hm_cx *cx, struct scripts *s, struct outcome *o,
			 const struct repair_put *p, bool *out_put)
{
	bool done = true;
	*out_put = false;
	if (is_same(o, &p->e, p->is_kept, p->content) && !o->e.capability.n)
		return NULL;
	if (o->exists && o->e.type == p->e.type && o->e.type != TAR_SYMLINK &&
	    (!o->is_written || (p->is_kept && hm_eq(o->content, p->content)))) {
		HM_TRY(repair_layer_change(cx, s->at->l, &o->e, &done));
	} else {
		repair_layer_drop(s->at->l, o->e.path, &done);
		*out_put = done;
	}
	if (!done)
		refuse_outcome(cx, s, o);
	return NULL;
}

/* A folder is hidden whole: what packages bring below it would bring it back. */
static bool has_layer_below(const struct repair_layer *l, struct hm_str path)
{
	for (size_t i = 0; i < l->order.n; i++) {
		struct hm_str at = l->order.p[i]->e.path;
		if (!l->order.p[i]->is_dropped && hm_starts(at, path) && at.n > path.n &&
		    at.p[path.n] == '/')
			return true;
	}
	return false;
}

/* What is nowhere in the layer yet. */
static hm_err put_new(struct hm_cx *cx, struct scripts *s, struct outcome *o)
{
	struct repair_layer *l = s->at->l;
	const struct repair_node *n = repair_root_at(&s->at->run->root, o->e.path);
	struct tar_entry now = { .type = n ? n->type : TAR_OTHER };
	if (n)
		now = (struct tar_entry){ .type = n->type,
					  .mode = n->mode,
					  .uid = n->uid,
					  .gid = n->gid,
					  .link = n->link };
	if (n && is_same(o, &now, n->is_kept, n->content) && !o->e.capability.n)
		return NULL;
	o->e.mtime = l->newest;
	if (o->e.type == TAR_DIR)
		return n && n->type == TAR_DIR ? repair_layer_folder(cx, l, &o->e)
					       : repair_layer_put(cx, l, &o->e);
	if (o->e.type == TAR_SYMLINK)
		return repair_layer_put(cx, l, &o->e);
	if (o->has_content)
		return repair_layer_file(cx, l, &o->e, o->content);
	refuse_outcome(cx, s, o);
	return NULL;
}

static hm_err check_rights(struct hm_cx *cx, const struct scripts *s, const struct outcome *o)
{
	struct hm_strs allowed = { 0 };
	struct hm_str now;
	if (!o->exists || !repair_rights_has(&o->e))
		return NULL;
	HM_TRY(repair_rights_of(cx, s->at->l, &o->e, &allowed));
	if (o->is_written)
		now = crypto_digest_raw(cx, CRYPTO_SHA256, o->content);
	else
		HM_TRY(repair_rights_now(cx, s->at->l, o->e.path, &now));
	if (now.n && hm_strs_has(&allowed, now))
		return NULL;
	return hm_fail(cx, HM_DENIED,
		       "the scripts of \"%.*s\" make \"/%.*s\" run with the rights of its owner or "
		       "group",
		       HM_FMT(o->change->name), HM_FMT(o->e.path));
}

static hm_err put_outcome(struct hm_cx *cx, struct scripts *s, struct outcome *o)
{
	struct repair_layer *l = s->at->l;
	const struct repair_put *p = hm_map_get(&l->emitted, o->e.path);
	bool put = true;
	HM_TRY(check_rights(cx, s, o));
	if (p && !p->is_dropped)
		HM_TRY(change_put(cx, s, o, p, &put));
	if (!put)
		return NULL;
	if (o->exists)
		return put_new(cx, s, o);
	if (has_layer_below(l, o->e.path)) {
		refuse_outcome(cx, s, o);
		return NULL;
	}
	hm_map_put(cx, &s->at->d->removed, o->e.path, s->at->d);
	return repair_layer_hide(cx, l, o->e.path);
}

/* ------------------------------------------------------------------ the answer */

static hm_err read_effects(struct hm_cx *cx, struct scripts *s, struct hm_cur *c,
			   const struct asked *a)
{
	struct repair_change *change = a->change;
	for (uint64_t n = hm_uvarint(c); n && !c->bad; n--) {
		struct shell_effect e;
		HM_TRY(repair_wire_take_effect(cx, c, &e));
		struct outcome *o = outcome_of(cx, s, e.path);
		o->change = change;
		o->asked = a;
		change_outcome(o, &e);
		if (change->script < REPAIR_SCRIPT_DONE)
			change->script = REPAIR_SCRIPT_DONE;
	}
	return NULL;
}

static void add_why(struct hm_cx *cx, struct hm_strs *to, const char *script, struct hm_str what)
{
	struct hm_str why = hm_fmt(cx, "%s: %.*s", script, HM_FMT(what));
	if (!hm_strs_has(to, why))
		*hm_push(cx, to) = why;
}

static hm_err read_answer(struct hm_cx *cx, struct scripts *s, struct hm_cur *c,
			  const struct asked *a, struct hm_strs *unknown)
{
	bool is_unknown = hm_le(c, 1) == 1;
	struct hm_str why = hm_take_str(c, hm_uvarint(c));
	for (uint64_t n = hm_uvarint(c); n && !c->bad; n--) {
		add_why(cx, &a->change->script_why, a->script, hm_take_str(c, hm_uvarint(c)));
		if (a->change->script < REPAIR_SCRIPT_DONE)
			a->change->script = REPAIR_SCRIPT_DONE;
	}
	if (is_unknown) {
		a->change->script = REPAIR_SCRIPT_UNKNOWN;
		add_why(cx, unknown, a->script, why);
		want_run(cx, s, a);
	}
	return read_effects(cx, s, c, a);
}

static hm_err read_answers(struct hm_cx *cx, struct scripts *s, struct hm_str answer)
{
	struct hm_cur c = hm_cur(answer);
	struct hm_strs *unknown = hm_new(cx, struct hm_strs, s->changes->n);
	for (size_t i = 0; i < s->asked.n; i++)
		HM_TRY(read_answer(cx, s, &c, &s->asked.p[i],
				   &unknown[s->asked.p[i].change - s->changes->p]));
	if (c.bad || c.n)
		return hm_fail(cx, HM_INPUT, "their reader answered in no known form");
	for (size_t i = 0; i < s->outcomes.n; i++)
		HM_TRY(put_outcome(cx, s, s->outcomes.entries[i].value));
	/* The last one is what a refusal names. */
	for (size_t i = 0; i < s->changes->n; i++)
		for (size_t j = 0; j < unknown[i].n; j++)
			*hm_push(cx, &s->changes->p[i].script_why) = unknown[i].p[j];
	return NULL;
}

hm_err repair_apt_scripts(struct hm_cx *cx, const struct dpkg_at *at,
			  struct repair_changes *changes, const struct deb *debs)
{
	HM_CLEANUP(scripts_done)
	struct scripts s = {
		.at = at, .changes = changes, .debs = debs, .question = HM_BUF(HM_MAX_REPAIR_FILES)
	};
	struct hm_str question, answer;
	put_image(&s);
	put_layer(&s);
	put_packages(&s);
	put_calls(cx, &s);
	if (!s.asked.n)
		return NULL;
	HM_TRY(hm_buf_end(cx, &s.question, "what the scripts are read over", &question));
	HM_TRY(hm_worker_run(cx, REPAIR_SCRIPT_JOB, HM_STR(""), question, &answer));
	return read_answers(cx, &s, answer);
}

/* ------------------------------------------------------------------ bytecode */

/* dir/__pycache__/NAME.*.pyc of dir/NAME.py. */
static hm_err hide_compiled(struct hm_cx *cx, const struct dpkg_at *at, struct hm_str source)
{
	struct hm_str dir = hm_dirname(source), name = hm_basename(source);
	name.n -= strlen("py");
	struct hm_str cache = hm_fmt(cx, "%.*s%s__pycache__", HM_FMT(dir), dir.n ? "/" : "");
	const struct repair_node *n = repair_root_at(&at->run->root, cache);
	for (n = n ? n->first : NULL; n; n = n->next)
		if (!n->is_gone && hm_starts(hm_basename(n->path), name) &&
		    hm_ends(n->path, HM_STR(".pyc")))
			HM_TRY(repair_layer_hide(cx, at->l, n->path));
	return NULL;
}

hm_err repair_apt_bytecode(struct hm_cx *cx, const struct dpkg_at *at)
{
	const struct hm_map *maps[] = { &at->l->emitted, &at->d->removed };
	for (size_t k = 0; k < HM_LEN(maps); k++) {
		size_t n = maps[k]->n; /* what is hidden comes behind */
		for (size_t i = 0; i < n; i++)
			if (hm_ends(maps[k]->entries[i].key, HM_STR(".py")))
				HM_TRY(hide_compiled(cx, at, maps[k]->entries[i].key));
	}
	return NULL;
}
