/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/release.h"

#include "cli/cli.h"
#include "inventory/inventory.h"

struct release {
	const char *to, *key, *db, *fail_on, *sbom_format;
	struct hm_strs output;
	bool no_cache;
};

/* One image behind the target: itself, or one platform of an index. */
struct image {
	struct oci_descriptor descriptor;
	struct oci_platform platform;
	struct hm_str sbom, sarif;
	size_t packages, counts[ADVISORY_SEVERITIES];
	bool above; /* the threshold */
	struct release_item sbom_item, report_item, sbom_signature, report_signature, signature;
};

enum step { STEP_INVENTORY, STEP_SCAN, STEP_PUSH, STEP_ATTACH, STEP_SIGN, STEPS };
static const char *const step_names[STEPS] = { "inventory", "scan", "push", "attach", "sign" };

struct run {
	const struct release *o;
	struct cli *cli;
	const struct oci_access *access;
	struct oci_target from_target, to_target;
	struct oci_place *from, *to;
	struct oci_descriptor root;
	struct image *images;
	size_t n;
	struct release_item index_signature; /* where the root is an index */
	bool is_index, denied;
	enum advisory_severity threshold; /* ADVISORY_SEVERITIES: none */
	const struct inventory_format *format;
	struct trust_signer *signer;
	int64_t started, took[STEPS];
};

static void run_done(struct run *r)
{
	oci_close_ptr(&r->from);
	oci_close_ptr(&r->to);
}

static void lap(struct run *r, enum step step)
{
	int64_t now = hm_mono();
	r->took[step] += now - r->started;
	r->started = now;
}

static hm_err read_options(struct hm_cx *cx, struct run *r, const char *target)
{
	const struct release *o = r->o;
	r->threshold = ADVISORY_SEVERITIES;
	if (o->fail_on && !advisory_severity_parse(hm_cstr(o->fail_on), &r->threshold))
		return hm_fail(cx, HM_USAGE,
			       "--fail-on \"%s\": not one of unknown, low, medium, high, critical",
			       o->fail_on);
	const char *format = o->sbom_format ? o->sbom_format : "spdx-json";
	for (r->format = inventory_formats; r->format->name; r->format++)
		if (hm_eqz(hm_cstr(format), r->format->name))
			break;
	if (!r->format->name)
		return hm_fail(cx, HM_USAGE,
			       "--sbom-format \"%s\": not one of spdx-json, cyclonedx-json",
			       format);
	if (!o->to)
		return hm_fail(cx, HM_USAGE, "release needs --to REF: where the image goes");
	HM_TRY(oci_target_parse(cx, hm_cstr(target), &r->from_target));
	HM_TRY_IN(cx, oci_target_parse(cx, hm_cstr(o->to), &r->to_target), "--to");
	if (r->from_target.kind == OCI_DIR || r->from_target.kind == OCI_FILE ||
	    r->from_target.kind == OCI_SBOM)
		return hm_fail(cx, HM_USAGE, "\"%s\" is no image: only images are released",
			       target);
	if (r->to_target.kind != OCI_REGISTRY && r->to_target.kind != OCI_LAYOUT)
		return hm_fail(cx, HM_USAGE,
			       "--to \"%s\": an image is released to a registry or a layout",
			       o->to);
	return NULL;
}

/* SBOM and report of one image. Both are named after where the image goes: the same image gives
 * the same bytes, wherever it came from. */
static hm_err look(struct hm_cx *cx, struct run *r, const struct advisory_db *db, struct image *m)
{
	struct inventory inv;
	struct inventory_options io = { .no_cache = r->o->no_cache, .progress = !r->cli->quiet };
	struct advisory_report report;
	HM_AUTO_BUF sbom = HM_BUF(HM_MAX_JSON);
	HM_AUTO_BUF sarif = HM_BUF(HM_MAX_JSON);
	struct hm_str bytes;
	HM_TRY(inventory_of_image(cx, r->from, &m->descriptor, &io, &inv));
	inv.target = oci_target_with_digest(cx, &r->to_target, m->descriptor.digest);
	inv.name = r->to_target.kind == OCI_REGISTRY ? r->to_target.repository
						     : hm_basename(r->to_target.path);
	HM_TRY(r->format->write(cx, &inv, &sbom));
	HM_TRY(hm_buf_end(cx, &sbom, "the SBOM", &bytes));
	m->sbom = hm_dup(cx, bytes);
	m->packages = inv.n;
	m->platform = inv.platform;
	lap(r, STEP_INVENTORY);
	HM_TRY(advisory_scan(cx, db, &inv, &report));
	for (const struct advisory_format *f = advisory_formats; f->name; f++)
		if (hm_eqz(hm_cstr(f->name), "sarif"))
			HM_TRY(f->write(cx, &report, &inv, &sarif));
	HM_TRY(hm_buf_end(cx, &sarif, "the report", &bytes));
	m->sarif = hm_dup(cx, bytes);
	for (size_t i = 0; i < ADVISORY_SEVERITIES; i++) {
		m->counts[i] = report.counts[i];
		m->above = m->above || (i >= r->threshold && report.counts[i]);
	}
	r->denied = r->denied || m->above;
	lap(r, STEP_SCAN);
	return NULL;
}

static hm_err look_at_all(struct hm_cx *cx, struct run *r)
{
	struct oci_descriptor *images;
	const char *path = r->o->db ? r->o->db : advisory_db_default_path(cx);
	struct advisory_db *db;
	HM_TRY(oci_open(cx, r->access, &r->from_target, OCI_READ, &r->from));
	HM_TRY(oci_resolve(cx, r->from, HM_STR(""), &r->root));
	HM_TRY(gate_platforms(cx, r->from, &r->root, &images, &r->n));
	if (!r->n)
		return hm_fail(cx, HM_INPUT, "the index names no image");
	r->is_index = r->n > 1 || !hm_eq(images[0].digest, r->root.digest);
	r->images = hm_new(cx, struct image, r->n);
	HM_TRY(advisory_db_open(cx, path, &db));
	hm_err err = NULL;
	for (size_t i = 0; i < r->n && !err; i++) {
		r->images[i].descriptor = images[i];
		err = look(cx, r, db, &r->images[i]);
	}
	advisory_db_close(db);
	return err;
}

static hm_err push(struct hm_cx *cx, struct run *r)
{
	if (r->to_target.digest.n && !hm_eq(r->to_target.digest, r->root.digest))
		return hm_fail(cx, HM_USAGE, "--to names digest \"%.*s\", the image has \"%.*s\"",
			       HM_FMT(r->to_target.digest), HM_FMT(r->root.digest));
	HM_TRY(oci_open(cx, r->access, &r->to_target, OCI_WRITE, &r->to));
	HM_AUTO_PROGRESS bar = hm_progress_start("push", 0);
	HM_TRY(oci_copy(cx, r->from, &r->root, r->to, r->to_target.tag, false, bar));
	lap(r, STEP_PUSH);
	return NULL;
}

static hm_err attach(struct hm_cx *cx, struct run *r, struct image *m)
{
	int64_t now = hm_now();
	(void)hm_source_date_epoch(&now);
	HM_TRY(cli_release_attach_sbom(cx, r->to, &m->descriptor, r->format->media_type, m->sbom,
				       &m->sbom_item));
	HM_TRY(cli_release_attach_report(cx, r->to, &m->descriptor, m->sarif, r->signer, now,
					 &m->report_item));
	lap(r, STEP_ATTACH);
	return NULL;
}

/* Evidence first, the image last: what is signed has its evidence. */
static hm_err sign(struct hm_cx *cx, struct run *r, struct image *m)
{
	HM_TRY(cli_release_sign(cx, r->to, &m->sbom_item.descriptor, r->signer,
				&m->sbom_signature));
	HM_TRY(cli_release_sign(cx, r->to, &m->report_item.descriptor, r->signer,
				&m->report_signature));
	HM_TRY(cli_release_sign(cx, r->to, &m->descriptor, r->signer, &m->signature));
	lap(r, STEP_SIGN);
	return NULL;
}

static hm_err ship(struct hm_cx *cx, struct run *r)
{
	HM_TRY_IN(cx, push(cx, r), "push");
	for (size_t i = 0; i < r->n; i++) {
		HM_TRY_IN(cx, attach(cx, r, &r->images[i]), "attach");
		HM_TRY_IN(cx, sign(cx, r, &r->images[i]), "sign");
	}
	if (r->is_index)
		HM_TRY_IN(cx, cli_release_sign(cx, r->to, &r->root, r->signer, &r->index_signature),
			  "sign");
	lap(r, STEP_SIGN);
	return NULL;
}

/* --- what happened --- */

static struct hm_str platform_text(struct hm_cx *cx, const struct oci_platform *p)
{
	if (!p->os.n)
		return HM_STR("");
	return hm_fmt(cx, "%.*s/%.*s%s%.*s", HM_FMT(p->os), HM_FMT(p->architecture),
		      p->variant.n ? "/" : "", HM_FMT(p->variant));
}

static void put_item(struct json_out *o, const char *key, const struct release_item *item,
		     const struct release_item *signature)
{
	json_open(o, key, '{');
	json_put_str(o, "digest", item->descriptor.digest);
	json_put_str(o, "artifactType", item->descriptor.artifact_type);
	json_put_bool(o, "reused", item->reused);
	json_open(o, "signature", '{');
	json_put_str(o, "digest", signature->descriptor.digest);
	json_put_bool(o, "reused", signature->reused);
	json_close(o, '}');
	json_close(o, '}');
}

static void put_image(struct hm_cx *cx, struct json_out *o, const struct run *r,
		      const struct image *m)
{
	json_open(o, NULL, '{');
	json_put_str(o, "digest", m->descriptor.digest);
	json_put_str(o, "platform", platform_text(cx, &m->platform));
	json_put_int(o, "packages", (int64_t)m->packages);
	json_open(o, "vulnerabilities", '{');
	for (size_t i = ADVISORY_SEVERITIES; i-- > 0;)
		json_put_int(o, advisory_severity_names[i], (int64_t)m->counts[i]);
	json_close(o, '}');
	json_put_bool(o, "thresholdExceeded", m->above);
	if (!r->denied) {
		put_item(o, "sbom", &m->sbom_item, &m->sbom_signature);
		put_item(o, "report", &m->report_item, &m->report_signature);
		json_open(o, "signature", '{');
		json_put_str(o, "digest", m->signature.descriptor.digest);
		json_put_bool(o, "reused", m->signature.reused);
		json_close(o, '}');
	}
	json_close(o, '}');
}

static void write_json(struct hm_cx *cx, const struct run *r, struct hm_buf *out)
{
	struct json_out o = json_out(out, true);
	json_open(&o, NULL, '{');
	json_putz(&o, "schema", "hullmark.release/1");
	json_put_bool(&o, "released", !r->denied);
	json_open(&o, "target", '{');
	json_put_str(&o, "given", r->from_target.text);
	json_put_str(&o, "reference", oci_target_with_digest(cx, &r->to_target, r->root.digest));
	json_put_str(&o, "digest", r->root.digest);
	json_put_str(&o, "tag", r->to_target.tag);
	json_close(&o, '}');
	if (r->is_index && !r->denied) {
		json_open(&o, "signature", '{');
		json_put_str(&o, "digest", r->index_signature.descriptor.digest);
		json_put_bool(&o, "reused", r->index_signature.reused);
		json_close(&o, '}');
	}
	json_open(&o, "images", '[');
	for (size_t i = 0; i < r->n; i++)
		put_image(cx, &o, r, &r->images[i]);
	json_close(&o, ']');
	json_open(&o, "steps", '[');
	for (size_t i = 0; i < STEPS; i++) {
		json_open(&o, NULL, '{');
		json_putz(&o, "name", step_names[i]);
		json_put_int(&o, "milliseconds", r->took[i] / 1000000);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	hm_buf_char(out, '\n');
}

static void row(struct hm_cx *cx, struct cli_table *t, const char *what, struct hm_str digest,
		struct hm_str detail)
{
	*hm_push(cx, &t->cells) = hm_cstr(what);
	*hm_push(cx, &t->cells) = digest;
	*hm_push(cx, &t->cells) = detail;
}

static struct hm_str counts_text(struct hm_cx *cx, const size_t *n)
{
	return hm_fmt(cx, "%zu critical, %zu high, %zu medium, %zu low, %zu unknown",
		      n[ADVISORY_CRITICAL], n[ADVISORY_HIGH], n[ADVISORY_MEDIUM], n[ADVISORY_LOW],
		      n[ADVISORY_UNKNOWN]);
}

static struct hm_str signed_text(struct hm_cx *cx, const struct release_item *item,
				 const struct release_item *signature, struct hm_str detail)
{
	const char *state = item->reused && signature->reused ? "there already"
			    : item->reused                    ? "there already, signed now"
							      : "attached and signed";
	return detail.n ? hm_fmt(cx, "%.*s; %s", HM_FMT(detail), state) : hm_cstr(state);
}

static void table_image(struct hm_cx *cx, const struct run *r, const struct image *m,
			struct cli_table *t)
{
	struct hm_str packages = hm_fmt(cx, "%zu packages", m->packages);
	struct hm_str counts = counts_text(cx, m->counts);
	if (r->is_index)
		row(cx, t, "platform", m->descriptor.digest, platform_text(cx, &m->platform));
	if (r->denied) {
		row(cx, t, "sbom", HM_STR("-"), packages);
		row(cx, t, "report", HM_STR("-"), counts);
		return;
	}
	row(cx, t, "sbom", m->sbom_item.descriptor.digest,
	    signed_text(cx, &m->sbom_item, &m->sbom_signature, packages));
	row(cx, t, "report", m->report_item.descriptor.digest,
	    signed_text(cx, &m->report_item, &m->report_signature, counts));
	row(cx, t, "signature", m->signature.descriptor.digest,
	    m->signature.reused ? HM_STR("there already")
				: hm_fmt(cx, "by key \"%.*s\"", HM_FMT(r->signer->name)));
}

static void write_table(struct hm_cx *cx, const struct run *r, struct hm_buf *out)
{
	static const char *const columns[] = { "EVIDENCE", "DIGEST", "WHAT", NULL };
	struct cli_table t = { .columns = columns, .columns_n = 3 };
	struct hm_str image = oci_target_with_digest(cx, &r->to_target, r->root.digest);
	row(cx, &t, r->is_index ? "index" : "image", r->root.digest,
	    r->denied            ? HM_STR("not pushed")
	    : r->to_target.tag.n ? hm_fmt(cx, "tag \"%.*s\"", HM_FMT(r->to_target.tag))
				 : HM_STR("no tag"));
	if (r->is_index && !r->denied)
		row(cx, &t, "signature", r->index_signature.descriptor.digest,
		    r->index_signature.reused
			    ? HM_STR("there already")
			    : hm_fmt(cx, "by key \"%.*s\"", HM_FMT(r->signer->name)));
	for (size_t i = 0; i < r->n; i++)
		table_image(cx, r, &r->images[i], &t);
	cli_table_format(cx, &t, out);
	hm_buf_char(out, '\n');
	int64_t sum = 0;
	for (size_t i = 0; i < STEPS; i++) {
		hm_buf_fmt(out, "%s%s %.2f s", i ? ", " : "", step_names[i],
			   (double)r->took[i] / 1e9);
		sum += r->took[i];
	}
	hm_buf_fmt(out, "; %.2f s in all\n%s %.*s\n", (double)sum / 1e9,
		   r->denied ? "not released:" : "released:", HM_FMT(image));
}

static hm_err tell(struct hm_cx *cx, const struct run *r)
{
	static const char *const known[] = { "table", "json", NULL };
	struct cli_output *outputs;
	size_t n;
	HM_TRY(cli_outputs(cx, &r->o->output, known, "table", &outputs, &n));
	for (size_t i = 0; i < n; i++) {
		HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
		if (hm_eqz(outputs[i].format, "json"))
			write_json(cx, r, &b);
		else
			write_table(cx, r, &b);
		HM_TRY(cli_output_write(cx, &outputs[i], hm_buf_str(&b)));
	}
	return NULL;
}

static hm_err release(struct hm_cx *cx, struct run *r, const char *target)
{
	struct cli_output *outputs;
	size_t n;
	static const char *const known[] = { "table", "json", NULL };
	/* Everything that can be wrong with the command is found before anything is done. */
	HM_TRY(cli_outputs(cx, &r->o->output, known, "table", &outputs, &n));
	HM_TRY(read_options(cx, r, target));
	HM_TRY(trust_signer_open(cx, r->cli->config_dir, hm_cstr(r->o->key), r->signer));
	HM_TRY(cli_access(cx, r->cli, &r->access));
	r->started = hm_mono();
	HM_TRY_IN(cx, look_at_all(cx, r), "\"%s\"", target);
	if (r->denied)
		r->cli->answer_no = true;
	else
		HM_TRY_IN(cx, ship(cx, r), "\"%s\"", r->o->to);
	HM_TRY(tell(cx, r));
	if (r->denied)
		hm_log(cx, HM_LOG_WARN, "vulnerabilities reach the threshold; nothing was pushed",
		       "fail-on", r->o->fail_on, NULL);
	return NULL;
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	(void)args_n;
	TRUST_AUTO_SIGNER signer = { 0 };
	HM_CLEANUP(run_done) struct run r = { .o = opts, .cli = cli, .signer = &signer };
	return release(cx, &r, args[0]);
}

extern const struct cli_command cli_release;
const struct cli_command cli_release = {
	.name = "release",
	.group = "Shipping",
	.args = "TARGET --to REF",
	.help = "inventory, scan, push and sign an image with its evidence, in one go",
	.about =
		"Reads the image once, writes its SBOM and its vulnerability report, and stops, with exit\n"
		"status 3 and nothing pushed, when a vulnerability reaches --fail-on. Otherwise it pushes\n"
		"the image, attaches SBOM and report, and signs report, SBOM and image. Each platform of a\n"
		"multi-platform index gets evidence of its own, and the index is signed too.\n"
		"\n"
		"It may be run again at any time, also after it was killed: what is there and valid is taken\n"
		"as it is, so that there is one of each. A report of the same content is taken for a day;\n"
		"then it is attached anew, so that its time tells when the image was last scanned.",
	.examples =
		"  $ hullmark release oci:build/image --to registry.example.com/shop/web:1.4\n"
		"  $ hullmark release oci-archive:web.tar --to localhost:5000/web:1 --fail-on high",
	.opts_size = sizeof(struct release),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(release, db, "db", CLI_TEXT, 0, "FILE", "advisory database to scan with"),
		CLI_OPT(release, fail_on, "fail-on", CLI_TEXT, 0, "SEVERITY",
			"stop at vulnerabilities of this severity or worse"),
		CLI_OPT(release, key, "key", CLI_TEXT, 0, "NAME", "sign with this key, not the default one"),
		CLI_OPT(release, no_cache, "no-cache", CLI_FLAG, 0, NULL, "read every layer anew"),
		CLI_OPT(release, output, "output", CLI_LIST, 'o', "FORMAT[=FILE]", "table or json"),
		CLI_OPT(release, sbom_format, "sbom-format", CLI_TEXT, 0, "FORMAT",
			"spdx-json (the default) or cyclonedx-json"),
		CLI_OPT(release, to, "to", CLI_TEXT, 0, "REF", "where the image and its evidence go"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
