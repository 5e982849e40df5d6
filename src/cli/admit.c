/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/record.h"
#include "cli/remedy.h"
#include "cli/revocation.h"
#include "cli/rules.h"
#include "codec/yaml.h"

struct admit {
	struct hm_strs output;
	const char *space, *policy, *record;
	bool fresh;
};

/* An image to decide about, and the object that names it. */
struct asked {
	struct hm_str image, space, from, workload;
	struct gate_verdict verdict;
};

struct all {
	struct asked *p;
	size_t n, cap;
};

static hm_err add_object(struct hm_cx *cx, struct all *all, struct json object, const char *file,
			 const char *space)
{
	struct hm_strs images;
	struct hm_str own;
	HM_TRY(gate_images(cx, object, &images, &own));
	struct hm_str from =
		hm_fmt(cx, "%s %.*s/%.*s", file, HM_FMT(json_str(json_get(object, "kind"))),
		       HM_FMT(json_str(json_get(json_get(object, "metadata"), "name"))));
	for (size_t i = 0; i < images.n; i++)
		*hm_push(cx, all) = (struct asked){ .image = images.p[i],
						    .space = own.n ? own : hm_cstr(space),
						    .from = from,
						    .workload = gate_workload(cx, object) };
	return NULL;
}

/* "-" is standard input. */
static hm_err add_file(struct hm_cx *cx, struct all *all, const char *file, const char *space)
{
	struct hm_str text;
	if (strcmp(file, "-") == 0)
		HM_TRY(hm_read_fd(cx, STDIN_FILENO, "standard input", HM_MAX_YAML, &text));
	else
		HM_TRY(hm_read_file(cx, file, HM_MAX_YAML, &text));
	struct json *docs;
	size_t n;
	HM_TRY_IN(cx, yaml_parse_all(cx, text, &docs, &n), "\"%s\"", file);
	for (size_t i = 0; i < n; i++) {
		struct json items = json_get(docs[i], "items");
		if (!hm_eqz(json_str(json_get(docs[i], "kind")), "List") || !json_is_array(items)) {
			HM_TRY_IN(cx, add_object(cx, all, docs[i], file, space), "\"%s\"", file);
			continue;
		}
		for (struct json_iter it = json_iter(items); json_next(&it);)
			HM_TRY_IN(cx, add_object(cx, all, it.value, file, space), "\"%s\"", file);
	}
	return NULL;
}

/* What is answered: the verdicts, and the command, whose flags the remedies are told with. */
struct admit_answer {
	const struct cli *cli;
	const struct all *all;
	bool admitted;
};

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	static const char *const columns[] = { "ANSWER", "RULE", "IMAGE", "WHY" };
	const struct admit_answer *a = data;
	const struct all *all = a->all;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < all->n; i++) {
		const struct gate_verdict *v = &all->p[i].verdict;
		for (size_t k = 0; k < v->findings_n; k++) {
			const struct gate_finding *f = &v->findings[k];
			*hm_push(cx, &t.cells) = k ? HM_STR("") : hm_cstr(cli_rules_answer(v));
			*hm_push(cx, &t.cells) = hm_fmt(cx, "%s %.*s",
							f->good      ? "+"
							: f->unknown ? "?"
								     : "-",
							HM_FMT(f->rule));
			*hm_push(cx, &t.cells) = k ? HM_STR("") : v->image;
			*hm_push(cx, &t.cells) = f->detail;
		}
	}
	cli_table_format(cx, &t, out);
	for (size_t i = 0; i < all->n; i++)
		if (!all->p[i].verdict.admitted) {
			hm_buf_char(out, '\n');
			hm_buf_safe(out, cli_remedy(cx, a->cli, all->p[i].verdict.why));
			hm_buf_char(out, '\n');
		}
	return NULL;
}

static void put_verdict(struct hm_cx *cx, const struct cli *cli, struct json_out *o,
			const struct asked *a)
{
	const struct gate_verdict *v = &a->verdict;
	json_open(o, NULL, '{');
	json_put_str(o, "image", a->image);
	json_put_str(o, "reference", v->image);
	json_put_str(o, "digest", v->digest);
	json_put_given(o, "object", a->from);
	json_put_given(o, "namespace", a->space);
	json_putz(o, "answer", cli_rules_answer(v));
	json_put_str(o, "why", cli_remedy(cx, cli, v->why));
	if (v->admitted && v->valid_until != INT64_MAX)
		json_put_str(o, "validUntil", hm_rfc3339(cx, v->valid_until));
	json_open(o, "rules", '[');
	for (size_t i = 0; i < v->findings_n; i++) {
		const struct gate_finding *f = &v->findings[i];
		json_open(o, NULL, '{');
		json_put_str(o, "rule", f->rule);
		json_putz(o, "answer", f->good ? "good" : f->unknown ? "unknown" : "bad");
		json_put_str(o, "detail", f->detail);
		json_put_given(o, "remedy", cli_remedy(cx, cli, f->remedy));
		json_close(o, '}');
	}
	json_close(o, ']');
	advisory_put_counts(o, "vulnerabilities", v->severities);
	json_close(o, '}');
}

static void describe_verdicts(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct admit_answer *a = data;
	json_put_bool(o, "admitted", a->admitted);
	json_open(o, "images", '[');
	for (size_t i = 0; i < a->all->n; i++)
		put_verdict(cx, a->cli, o, &a->all->p[i]);
	json_close(o, ']');
}

static const struct cli_answer admit_answer = {
	.schema = "hullmark.admit/1",
	.describe = describe_verdicts,
	.write = write_table,
};

/* "no" is exit status 3; what could not be decided, and nothing worse, is a fault (1). */
static hm_err write_verdicts(struct hm_cx *cx, struct cli *cli, const struct all *all,
			     const struct cli_outputs *outputs)
{
	size_t denied = 0, unknown = 0;
	for (size_t i = 0; i < all->n; i++) {
		denied += !all->p[i].verdict.admitted && !all->p[i].verdict.unknown;
		unknown += all->p[i].verdict.unknown;
	}
	struct admit_answer data = { cli, all, !denied && !unknown };
	HM_TRY(cli_answer_write(cx, outputs, &admit_answer, &data));
	cli->answer_no = denied > 0;
	if (!denied && unknown)
		return hm_fail(cx, HM_BUSY, "%zu of %zu images could not be decided: not admitted",
			       unknown, all->n);
	return NULL;
}

/* A name that is none is denied later, and nobody is asked about it. */
static hm_err bind_secret(struct hm_cx *cx, struct cli *cli, const struct all *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct oci_target t;
		if (!oci_target_parse(cx, all->p[i].image, &t))
			HM_TRY(cli_secret_for(cx, cli, &t));
	}
	return NULL;
}

static hm_err decide_all(struct hm_cx *cx, struct gate *g, struct all *all,
			 struct cli_decisions *out)
{
	for (size_t i = 0; i < all->n; i++) {
		struct asked *a = &all->p[i];
		HM_TRY(gate_decide(cx, g, a->image, a->space, &a->verdict));
		struct gate_decision *d = hm_push(cx, out);
		gate_decision_of(cx, g, &a->verdict, d);
		d->image = a->image;
		d->namespace = a->space;
		d->workload = a->workload;
	}
	return NULL;
}

static hm_err read_asked(struct hm_cx *cx, const struct admit *o, char *const *args, size_t args_n,
			 struct all *out)
{
	for (size_t i = 0; i < args_n; i++) {
		struct hm_str arg = hm_cstr(args[i]);
		if (hm_eqz(arg, "-") || hm_ends(arg, HM_STR(".yaml")) ||
		    hm_ends(arg, HM_STR(".yml")) || hm_ends(arg, HM_STR(".json")))
			HM_TRY(add_file(cx, out, args[i], o->space ? o->space : ""));
		else
			*hm_push(cx, out) =
				(struct asked){ .image = arg, .space = hm_cstr(o->space) };
	}
	return NULL;
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct admit *o = opts;
	struct cli_outputs outputs;
	struct gate_config config = { .config_dir = cli->config_dir };
	struct all all = { 0 };
	struct cli_decisions decisions = { 0 };
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(cli_rules_read(cx, cli, o->policy, &config));
	HM_TRY(read_asked(cx, o, args, args_n, &all));
	cli_record_to(cli, o->record);
	struct gate *g;
	HM_TRY(bind_secret(cx, cli, &all));
	HM_TRY(cli_access(cx, cli, &config.access));
	config.updates = cli->offline ? NULL : config.access->http;
	if (o->fresh)
		cli->access.cache = NULL;
	else
		config.kept = cli_kept_shared(cx);
	HM_TRY(gate_open(cx, &config, &g));
	hm_err err = decide_all(cx, g, &all, &decisions);
	gate_close(g);
	HM_TRY(err);
	cli_record_decisions(cx, cli, &decisions, &outputs);
	return write_verdicts(cx, cli, &all, &outputs);
}

extern const struct cli_command cli_admit;
const struct cli_command cli_admit = {
	.name = "admit",
	.group = "Trust",
	.args = "REF | FILE.yaml | -...",
	.help = "would the gate let these images run?",
	.about =
		"Gives the verdict that the gate of `hullmark serve` would give, on images by name, or on all\n"
		"images of Kubernetes objects in YAML or JSON files (- is standard input): is the image signed\n"
		"by somebody whom the trust policy trusts, and does it have an SBOM and a vulnerability report\n"
		"that are attached and signed likewise? Exit status 0: all are admitted; 3: at least one is\n"
		"denied; 1: it could not be decided.\n"
		"\n"
		"Where a report lists something worse than --max-severity, the VEX documents that hang at the image or\n"
		"its index are asked (`hullmark vex attach`), as far as the trust policy believes who signed them: what\n"
		"is not affected, or fixed, does not count, and the verdict names it with the document. What cannot be\n"
		"read or is not believed suppresses nothing, and is named, too.\n"
		"\n"
		"Each verdict is made anew; those that a server keeps are not looked at. Manifests, signatures\n"
		"and evidence that were fetched earlier are taken from the cache when their digest is right (-v\n"
		"says which), though what is attached to an image is asked each time; --fresh fetches them too.\n"
		"\n"
		"The JSON (hullmark.admit/1) has \"admitted\" (all of them) and \"images\". An image has \"image\" as\n"
		"it was given, \"reference\", \"digest\", \"object\" (file, kind and name), \"namespace\", \"answer\"\n"
		"(admitted, denied, unknown), \"why\", \"validUntil\", \"rules\" (\"rule\", \"answer\": good, bad or\n"
		"unknown, \"detail\", \"remedy\") and \"vulnerabilities\" by severity.\n"
		"\n"
		"With --record, or $HULLMARK_GRAPH, the decisions are in that knowledge graph as well, like those of\n"
		"`hullmark serve`; one that is there already is counted. The JSON has \"recorded\": \"graph\", \"taken\" (new\n"
		"ones), \"known\" (counted), \"refused\", and \"error\" where they could not be kept, which is a warning.",
	.examples = "  $ hullmark admit registry.example.com/shop/web@sha256:...\n"
		    "  $ hullmark admit deployment.yaml --max-severity medium --max-age 720h\n"
		    "  $ helm template shop | hullmark admit -",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct admit),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(admit, fresh, "fresh", CLI_FLAG, 0, NULL,
			"ask for everything again, also for what was fetched and checked earlier"),
		CLI_OPT(admit, space, "namespace", CLI_TEXT, 0, "NAME",
			"namespace of images and objects that do not say theirs"),
		CLI_OUTPUT(admit, output),
		CLI_OPT(admit, policy, "policy", CLI_TEXT, 0, "NAME",
			"signed, evidence or all (the default)"),
		CLI_OPT(admit, record, "record", CLI_TEXT, 0, "GRAPH",
			"keep the decisions in this knowledge graph, too: a folder, or postgresql://HOST/NAME ($HULLMARK_GRAPH)"),
		{ 0 },
	},
	/* clang-format on */
	.add_opts = cli_rules_add,
	.least = 1,
	.most = UINT32_MAX,
	.run = run,
};
