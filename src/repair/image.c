/* SPDX-License-Identifier: Apache-2.0 */
/* One image: read, planned, patched, written. */
#include <unistd.h>

#include "codec/stanza.h"
#include "repair/apk/apk.h"
#include "repair/apt/apt.h"
#include "repair/container.h"
#include "repair/language.h"
#include "repair/room.h"
#include "repair/rpm/rpm.h"

#define PATCH_BASE    "dev.hullmark.patch.base"
#define PATCH_CHANGES "dev.hullmark.patch.changes"
#define COPA_PATCHED  "sh.copa.image.patched"
#define COPA_BASE     "BaseImage"
#define CREATED_BY    "hullmark patch"
#define DOCKER_LAYER  "application/vnd.docker.image.rootfs.diff.tar.gzip"

const char *const repair_outcome_names[REPAIR_OUTCOMES] = {
	[REPAIR_FIXED] = "fixed",
	[REPAIR_NO_FIX] = "noFix",
	[REPAIR_NOT_THERE] = "notInRepositories",
	[REPAIR_BLOCKED] = "blocked",
	[REPAIR_NOT_HANDLED] = "notHandled",
};

const struct repair_manager repair_managers[] = {
	{ "apt", repair_apt_is_there, repair_apt_plan, repair_apt_apply },
	{ "apk", repair_apk_is_there, repair_apk_plan, repair_apk_apply },
	{ "rpm", repair_rpm_is_there, repair_rpm_plan, repair_rpm_apply },
	{ 0 },
};

/* The image that is patched: that of the manifest, or what was below an earlier patch. */
struct base {
	struct oci_descriptor d;
	struct oci_manifest m;
	struct json config;
	size_t layers; /* of it; one fewer where the last is an earlier patch */
	struct hm_str digest;
	struct hm_str changes; /* what that one has replaced */
};

static hm_err read_base(struct hm_cx *cx, struct oci_place *from, struct base *b)
{
	struct hm_str bytes;
	if (hm_eqz(b->m.config.media_type, OCI_EMPTY))
		return hm_fail(cx, HM_INPUT, "it is an artifact, not an image");
	HM_TRY(oci_fetch(cx, from, &b->m.config, HM_MAX_CONFIG, &bytes));
	HM_TRY_IN(cx, json_parse(cx, bytes, JSON_NO_DUPLICATES, &b->config), "image configuration");
	struct json ids = json_get(json_get(b->config, "rootfs"), "diff_ids");
	if (json_size(ids) != b->m.layers_n)
		return hm_fail(cx, HM_INPUT, "it has %zu layers, but \"rootfs.diff_ids\" lists %zu",
			       b->m.layers_n, json_size(ids));
	b->layers = b->m.layers_n;
	b->digest = b->d.digest;
	if (!b->layers)
		return hm_fail(cx, HM_INPUT, "the image has no layers");
	struct json history = json_get(b->config, "history");
	struct json last =
		json_size(history) ? json_at(history, json_size(history) - 1) : (struct json){ 0 };
	struct hm_str below =
		oci_annotation_get(&b->m.layers[b->layers - 1].annotations, PATCH_BASE);
	if (below.n && b->layers > 1 &&
	    hm_eqz(json_str(json_get(last, "created_by")), CREATED_BY)) {
		b->layers--;
		b->digest = below;
		b->changes = oci_annotation_get(&b->m.layers[b->layers].annotations, PATCH_CHANGES);
	}
	return NULL;
}

/* ------------------------------------------------------------------ configuration */

/* By us, before: what the first patch noted of its base stays. */
static bool is_patched(const struct base *b)
{
	return b->layers < b->m.layers_n;
}

struct writing {
	const struct base *b;
	const struct repair_options *o;
	const struct repair_result *r;
	struct hm_str when;
};

static void put_labels(struct json_out *o, const struct writing *w, struct json labels)
{
	json_open(o, "Labels", '{');
	for (struct json_iter it = json_iter(labels); json_next(&it);) {
		if (hm_eqz(it.key, COPA_BASE) && !is_patched(w->b))
			continue;
		json_key(o, it.key);
		json_put_json(o, NULL, it.value);
	}
	if (w->o->base_name.n && !is_patched(w->b))
		json_put_str(o, COPA_BASE, w->o->base_name);
	json_close(o, '}');
}

static void put_config(struct json_out *o, const struct writing *w, struct json config)
{
	bool labels = false;
	json_open(o, "config", '{');
	for (struct json_iter it = json_iter(config); json_next(&it);) {
		if (hm_eqz(it.key, "Labels")) {
			put_labels(o, w, it.value);
			labels = true;
			continue;
		}
		json_key(o, it.key);
		json_put_json(o, NULL, it.value);
	}
	if (!labels)
		put_labels(o, w, (struct json){ 0 });
	json_close(o, '}');
}

static void put_rootfs(struct json_out *o, const struct writing *w, struct json rootfs)
{
	size_t i = 0;
	json_open(o, "rootfs", '{');
	json_putz(o, "type", "layers");
	json_open(o, "diff_ids", '[');
	for (struct json_iter it = json_iter(json_get(rootfs, "diff_ids"));
	     json_next(&it) && i < w->b->layers; i++)
		json_put_json(o, NULL, it.value);
	json_put_str(o, NULL, w->r->diff_id);
	json_close(o, ']');
	json_close(o, '}');
}

static void put_history(struct hm_cx *cx, struct json_out *o, const struct writing *w,
			struct json history)
{
	size_t n = json_size(history), i = 0;
	if (is_patched(w->b) && n)
		n--;
	json_open(o, "history", '[');
	for (struct json_iter it = json_iter(history); json_next(&it) && i < n; i++)
		json_put_json(o, NULL, it.value);
	json_open(o, NULL, '{');
	json_put_str(o, "created", w->when);
	json_putz(o, "created_by", CREATED_BY);
	json_put_str(o, "comment",
		     hm_fmt(cx, "%s: %zu packages on %.*s", w->r->manager, w->r->changes.n,
			    HM_FMT(w->b->digest)));
	json_close(o, '}');
	json_close(o, ']');
}

static hm_err make_config(struct hm_cx *cx, const struct writing *w, struct hm_str *out)
{
	HM_AUTO_BUF buf = HM_BUF(HM_MAX_CONFIG);
	struct json_out o = json_out(&buf, false);
	bool history = false, config = false;
	json_open(&o, NULL, '{');
	for (struct json_iter it = json_iter(w->b->config); json_next(&it);) {
		if (hm_eqz(it.key, "config")) {
			put_config(&o, w, it.value);
			config = true;
		} else if (hm_eqz(it.key, "rootfs")) {
			put_rootfs(&o, w, it.value);
		} else if (hm_eqz(it.key, "history")) {
			put_history(cx, &o, w, it.value);
			history = true;
		} else if (hm_eqz(it.key, "created")) {
			json_put_str(&o, "created", w->when);
		} else {
			json_key(&o, it.key);
			json_put_json(&o, NULL, it.value);
		}
	}
	if (!config)
		put_config(&o, w, (struct json){ 0 });
	if (!history)
		put_history(cx, &o, w, (struct json){ 0 });
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &buf, "the image's configuration", out));
	*out = hm_dup(cx, *out);
	return NULL;
}

/* ------------------------------------------------------------------ manifest */

void repair_annotate(struct hm_cx *cx, struct oci_annotations *a, const char *key,
		     struct hm_str value)
{
	for (size_t i = 0; i < a->n; i++)
		if (hm_eqz(a->p[i].key, key)) {
			a->p[i].value = value;
			return;
		}
	*hm_push(cx, a) = (struct oci_annotation){ hm_cstr(key), value };
}

static struct hm_str layer_type(const struct repair_layer *l, bool docker)
{
	if (docker)
		return HM_STR(DOCKER_LAYER);
	return l->zstd ? HM_STR(OCI_LAYER_ZSTD) : HM_STR(OCI_LAYER_GZIP);
}

static hm_err push(struct hm_cx *cx, const struct repair_run *run, const struct repair_ends *ends,
		   const struct base *b, const struct repair_layer *l)
{
	struct repair_result *r = run->result;
	bool docker = hm_eqz(b->m.media_type, DOCKER_MANIFEST);
	struct writing w = { b, run->o, r, hm_rfc3339(cx, l->newest) };
	struct oci_manifest m = b->m;
	struct hm_str config, bytes;
	struct oci_descriptor *layers = hm_new(cx, struct oci_descriptor, b->layers + 1);
	struct oci_descriptor layer = { .media_type = layer_type(l, docker),
					.digest = r->layer,
					.size = l->size };
	HM_TRY(make_config(cx, &w, &config));
	HM_TRY(oci_copy_blobs(cx, ends->from, b->m.layers, b->layers, ends->to, run->o->bar));
	HM_TRY(oci_push_known_fd(cx, ends->to, l->fd, "the new layer", &layer));
	if (!docker)
		repair_annotate(cx, &layer.annotations, PATCH_BASE, b->digest);
	if (!docker)
		repair_annotate(cx, &layer.annotations, PATCH_CHANGES,
				repair_earlier_text(cx, &r->changes));
	memcpy(layers, b->m.layers, b->layers * sizeof(*layers));
	layers[b->layers] = layer;
	m.layers = layers;
	m.layers_n = b->layers + 1;
	m.config.digest = crypto_digest_text(cx, CRYPTO_SHA256, config);
	m.config.size = config.n;
	m.config.data = HM_STR("");
	HM_TRY(oci_push_bytes(cx, ends->to, &m.config, config));
	m.annotations = (struct oci_annotations){ 0 };
	for (size_t i = 0; i < b->m.annotations.n; i++)
		*hm_push(cx, &m.annotations) = b->m.annotations.p[i];
	if (!docker) {
		repair_annotate(cx, &m.annotations, OCI_CREATED, w.when);
		repair_annotate(cx, &m.annotations, COPA_PATCHED, w.when);
		repair_annotate(cx, &m.annotations, OCI_BASE_DIGEST, b->digest);
		if (run->o->base_name.n && !is_patched(b))
			repair_annotate(cx, &m.annotations, OCI_BASE_NAME, run->o->base_name);
	}
	HM_TRY(oci_manifest_format(cx, &m, &bytes));
	return ends->is_child
		       ? oci_push_child(cx, ends->to, bytes, m.media_type, &r->image)
		       : oci_push_manifest(cx, ends->to, bytes, m.media_type, ends->tag, &r->image);
}

/* ------------------------------------------------------------------ the run */

static hm_err read_os(struct hm_cx *cx, struct repair_run *run)
{
	static const char *const files[] = { "etc/os-release", "usr/lib/os-release" };
	struct hm_str text, version = HM_STR("");
	bool there = false;
	for (size_t i = 0; i < HM_LEN(files) && !there; i++)
		HM_TRY(repair_root_file(cx, &run->root, files[i], &text, &there));
	while (text.n) {
		struct hm_str value = hm_line(&text), key = hm_trim(hm_cut(&value, '='));
		value = hm_trim(value);
		if (value.n >= 2 && (value.p[0] == '"' || value.p[0] == '\''))
			value = hm_sub(value, 1, value.n - 2);
		if (hm_eqz(key, "ID"))
			run->os_id = value;
		if (hm_eqz(key, "VERSION_ID"))
			run->os_version = value;
		if (hm_eqz(key, "VERSION_CODENAME"))
			run->os_codename = value;
		if (hm_eqz(key, "VERSION"))
			version = value;
	}
	/* Distroless has it here alone: "Debian GNU/Linux 12 (bookworm)". */
	hm_cut(&version, '(');
	if (!run->os_codename.n)
		run->os_codename = hm_cut(&version, ')');
	return NULL;
}

static hm_err check_scripts(struct hm_cx *cx, const struct repair_run *run)
{
	HM_AUTO_BUF b = HM_BUF(HM_KIB * 64);
	const struct repair_changes *all = &run->result->changes;
	size_t n = 0;
	for (size_t i = 0; i < all->n; i++) {
		const struct repair_change *c = &all->p[i];
		if (c->script != REPAIR_SCRIPT_UNKNOWN ||
		    hm_strs_has(&run->o->allow_scripts, c->name))
			continue;
		hm_buf_fmt(&b, "%s%.*s (%.*s)", n++ ? ", " : "", HM_FMT(c->name),
			   HM_FMT(c->script_why.p[c->script_why.n - 1]));
	}
	if (!n)
		return NULL;
	return hm_hint(cx,
		       hm_fail(cx, HM_DENIED, "%zu %s scripts that do what nobody here knows: %.*s",
			       n, n == 1 ? "package has" : "packages have", HM_FMT(hm_buf_str(&b))),
		       "--run-scripts to run them in a container, or --allow-scripts PACKAGE "
		       "where it may be left out");
}

/* Those that are allowed are left out, run or not. */
static hm_err run_scripts(struct hm_cx *cx, struct repair_run *run, struct repair_layer *l)
{
	size_t n = 0;
	for (size_t i = 0; i < run->calls.n; i++)
		if (!hm_strs_has(&run->o->allow_scripts, run->calls.p[i].change->name))
			run->calls.p[n++] = run->calls.p[i];
	run->calls.n = n;
	return run->o->run_scripts && n ? repair_container_run(cx, run, l) : NULL;
}

/* As the base's last layer is, unless it was asked for. */
static hm_err choose_zstd(struct hm_cx *cx, const struct repair_options *o, const struct base *b,
			  bool *out)
{
	*out = o->compression == REPAIR_ZSTD ||
	       (o->compression == REPAIR_AS_BASE &&
		hm_ends(b->m.layers[b->layers - 1].media_type, HM_STR("+zstd")));
	if (*out && hm_eqz(b->m.media_type, DOCKER_MANIFEST))
		return hm_fail(cx, HM_USAGE, "a Docker manifest has no layers of zstd: use gzip");
	return NULL;
}

static void layer_done(struct repair_layer *l)
{
	repair_layer_done(l);
}

static hm_err patch(struct hm_cx *cx, struct repair_run *run, const struct repair_manager *manager,
		    const struct repair_ends *ends, const struct base *b)
{
	HM_CLEANUP(layer_done) struct repair_layer l = { .fd = -1 };
	struct repair_result *r = run->result;
	bool zstd;
	HM_TRY(choose_zstd(cx, run->o, b, &zstd));
	HM_TRY(repair_layer_open(cx, &run->root, zstd, &l));
	if (r->changes.n)
		HM_TRY(manager->apply(cx, run, &l));
	HM_TRY(run_scripts(cx, run, &l));
	HM_TRY(check_scripts(cx, run));
	HM_TRY(repair_languages_apply(cx, run->languages, &l));
	repair_allowed_note(cx, run);
	HM_TRY(repair_layer_end(cx, &l, &r->layer, &r->diff_id));
	r->layer_size = l.size;
	if (run->o->plan_only)
		return NULL;
	if (lseek(l.fd, 0, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not read a temporary file");
	return push(cx, run, ends, b, &l);
}

/* Are its repositories to be asked? */
static bool wants_distribution(const struct repair_options *o)
{
	bool any = o->all;
	for (size_t i = 0; i < o->wanted_n; i++)
		any = any || (!o->wanted[i].is_other && o->wanted[i].fixed.n);
	return any && !o->no_os;
}

/* Of a distribution that is not looked at. */
static void judge_unasked(struct hm_cx *cx, struct repair_run *run, bool has_manager)
{
	const struct repair_options *o = run->o;
	struct repair_result *r = run->result;
	r->findings_n = o->wanted_n;
	r->findings = hm_new(cx, struct repair_finding, o->wanted_n);
	for (size_t i = 0; i < o->wanted_n; i++) {
		struct repair_finding *f = &r->findings[i];
		f->wanted = o->wanted[i];
		f->outcome = !f->wanted.is_other && !f->wanted.fixed.n ? REPAIR_NO_FIX
								       : REPAIR_NOT_HANDLED;
		f->why =
			f->wanted.is_other ? HM_STR("it is not a package of the distribution")
			: f->outcome == REPAIR_NO_FIX ? HM_STR("no fix is known")
			: has_manager
				? HM_STR("packages of the distribution were left out (--pkg-types)")
				: HM_STR("the image has no package manager that is known here");
	}
}

static hm_err plan(struct hm_cx *cx, struct repair_run *run, const struct repair_manager *manager)
{
	const struct repair_options *o = run->o;
	struct repair_result *r = run->result;
	if (!manager->name && o->all && !o->wanted_n)
		return hm_fail(cx, HM_INPUT, "the image has no package manager that is known here");
	r->manager = "none";
	for (size_t i = 0; i < o->repositories.n; i++)
		HM_TRY(repair_base_check(cx, o->repositories.p[i]));
	if (manager->name && wants_distribution(o)) {
		r->manager = manager->name;
		HM_TRY(manager->plan(cx, run));
	} else {
		judge_unasked(cx, run, manager->name != NULL);
	}
	return repair_languages_plan(cx, run->languages);
}

/* Jars are large: they are looked into where one may be replaced. */
static bool wants_java(const struct repair_options *o)
{
	bool any = false;
	for (size_t i = 0; i < o->wanted_n; i++)
		any = any || hm_eqz(o->wanted[i].type, "maven");
	return any && !o->no_library;
}

hm_err repair_image(struct hm_cx *cx, const struct repair_options *o,
		    const struct repair_ends *ends, struct repair_result *out)
{
	struct repair_result result = { 0 };
	struct repair_options own = *o;
	struct repair_language_runs languages = { 0 };
	struct repair_run run = { .o = &own, .result = &result, .languages = &languages };
	struct base b = { 0 };
	const struct repair_manager *manager = repair_managers;
	HM_TRY(oci_image(cx, ends->from, ends->d, o->platform, &b.d, &b.m));
	HM_TRY(read_base(cx, ends->from, &b));
	result.base = b.d;
	result.replaced_patch = is_patched(&b);
	if (is_patched(&b))
		repair_earlier_want(cx, b.changes, &own);
	run.base = (struct repair_base){ ends->from, b.m.layers, b.layers };
	run.config = json_get(b.config, "config");
	run.architecture = json_str(json_get(b.config, "architecture"));
	struct repair_root_of root = { ends->from, &b.m, b.layers, wants_java(&own), o->kept };
	HM_TRY(repair_root_read(cx, &root, &run.root));
	HM_TRY(read_os(cx, &run));
	while (manager->name && !manager->is_there(&run.root))
		manager++;
	HM_TRY(repair_languages_open(cx, &run, &own, &languages));
	HM_TRY(plan(cx, &run, manager));
	repair_earlier_end(cx, &result, o->wanted_n);
	if (result.changes.n || repair_languages_any(&languages))
		HM_TRY(patch(cx, &run, manager, ends, &b));
	*out = result;
	return NULL;
}
