/* SPDX-License-Identifier: Apache-2.0 */
/* `graph ingest PATH --server URL`: documents go into a graph that somebody else has. */
#include "base/file.h"
#include "cli/graph_ingest.h"

static size_t count_of(struct json doc, const char *key)
{
	int64_t n = 0;
	return json_int(json_get(doc, key), &n) && n > 0 ? (size_t)n : 0;
}

static hm_err send_file(struct hm_cx *cx, struct cli_ingest *in, const char *path,
			struct cli_graph_call *call, struct cli_ingested *out)
{
	struct json doc;
	HM_TRY(cli_graph_server_json(cx, in->server, call, &doc));
	*out = (struct cli_ingested){
		.path = hm_cstr(path),
		.taken = { .digest = json_str(json_get(doc, "digest")),
			   .format = json_str(json_get(doc, "format")),
			   .was_there = json_bool(json_get(doc, "known")),
			   .nouns = count_of(doc, "nouns"),
			   .facts = count_of(doc, "facts") },
	};
	return NULL;
}

/* The document is at fault, by what the server says of it. */
static bool is_refused(const struct cli_graph_call *call, hm_err err)
{
	return call->is_said &&
	       (err->code == HM_INPUT || err->code == HM_LIMIT || err->code == HM_USAGE);
}

hm_err cli_ingest_send(struct hm_cx *cx, struct cli_ingest *in, const char *path)
{
	HM_AUTO_CX one = hm_cx_child(cx, cx->budget);
	struct cli_graph_call call = { .path = "documents",
				       .query = hm_fmt(&one, "origin=%.*s",
						       HM_FMT(http_escape(&one, hm_cstr(path)))),
				       .schema = "hullmark.graph-taken/1",
				       .is_post = true };
	struct cli_ingested got = { .path = hm_cstr(path) };
	hm_err err = hm_read_file(&one, path, HM_MAX_JSON, &call.body);
	bool is_read = !err;
	if (is_read)
		err = send_file(&one, in, path, &call, &got);
	if (err && is_read && !is_refused(&call, err))
		return hm_fault_copy(cx, hm_wrap(&one, err, "\"%.*s\"", HM_FMT(in->server->root)));
	if (err)
		got.why_not = hm_cstr(err->why);
	cli_ingest_note(cx, in, &got);
	return NULL;
}
