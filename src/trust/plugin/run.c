/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/plugin/plugin.h"

#include "base/child.h"
#include "base/environment.h"
#include "trust/plugin/answer.h"

enum { FIRST_PAUSE_MS = 500 };

/* *out_again: it answered that the service behind it could not be asked, which may be otherwise
 * soon
 * ("can be retried": THROTTLED, TIMEOUT). */
static hm_err run_once(struct hm_cx *cx, const struct hm_child *child, struct hm_str *out,
		       bool *out_again)
{
	struct hm_child_end end;
	*out_again = false;
	HM_TRY(hm_child_run(cx, child, &end));
	if (end.status) {
		hm_err err = trust_answer_error(cx, end.err, end.status);
		*out_again = err->code == HM_BUSY;
		return err;
	}
	*out = end.out;
	return NULL;
}

/* All tries and the pauses between them are within the time that one command has. */
static hm_err run_patiently(struct hm_cx *cx, struct hm_child *child, struct hm_str *out)
{
	int64_t until = hm_mono() + child->patience;
	int64_t pause = FIRST_PAUSE_MS * (HM_SECOND / 1000);
	for (unsigned i = 1;; i++, pause *= 2) {
		bool again;
		hm_err err = run_once(cx, child, out, &again);
		int64_t next = hm_mono() + pause;
		if (!again || next >= until || (cx->deadline && next >= cx->deadline))
			return err;
		if (i == HM_MAX_PLUGIN_TRIES)
			return hm_wrap(cx, err, "it was run %u times", i);
		hm_log(cx, HM_LOG_INFO, "a plugin is run again", "program", child->path, "answer",
		       err->why, NULL);
		HM_TRY(hm_pause(cx, pause));
		child->patience = until - hm_mono();
	}
}

hm_err trust_plugin_run(struct hm_cx *cx, const struct trust_plugin_program *p, const char *command,
			struct hm_str request, struct hm_str *out)
{
	const char *arguments[] = { p->path, command, NULL };
	struct hm_child child = { .path = p->path,
				  .arguments = arguments,
				  .environment =
					  (const char *const *)hm_environment_for_others(cx, NULL),
				  .input = request,
				  .max_output = HM_MAX_PLUGIN_OUTPUT,
				  .patience = (int64_t)HM_MAX_PLUGIN_SECONDS * HM_SECOND };
	HM_TRY_IN(cx, run_patiently(cx, &child, out), "plugin \"%.*s\": %s", HM_FMT(p->name),
		  command);
	return NULL;
}

void trust_plugin_put_config(struct json_out *o, const struct oci_annotations *config)
{
	if (!config || !config->n)
		return;
	json_open(o, "pluginConfig", '{');
	for (size_t i = 0; i < config->n; i++) {
		json_key(o, config->p[i].key);
		json_put_str(o, NULL, config->p[i].value);
	}
	json_close(o, '}');
}

static hm_err describe(struct hm_cx *cx, const struct trust_plugin_program *p, struct hm_str answer,
		       struct trust_plugin *out)
{
	struct trust_plugin got = { 0 };
	HM_TRY(trust_answer_metadata(cx, answer, &got));
	if (!hm_eq(got.name, p->name))
		return hm_fail(cx, HM_INPUT, "it says that its name is \"%.*s\"", HM_FMT(got.name));
	*out = got;
	return NULL;
}

hm_err trust_plugin_describe(struct hm_cx *cx, const struct trust_plugin_program *p,
			     const struct oci_annotations *config, struct trust_plugin *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_POLICY);
	struct json_out o = json_out(&b, false);
	struct hm_str request, answer = HM_STR("");
	json_open(&o, NULL, '{');
	trust_plugin_put_config(&o, config);
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "a request to a plugin", &request));
	HM_TRY(trust_plugin_run(cx, p, "get-plugin-metadata", request, &answer));
	HM_TRY_IN(cx, describe(cx, p, answer, out), "plugin \"%.*s\"", HM_FMT(p->name));
	return NULL;
}
