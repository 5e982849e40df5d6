/* SPDX-License-Identifier: Apache-2.0 */
/* The table of /api/v1 as an OpenAPI 3.1 document. */
#include "cli/service_graph.h"

static bool is_in_path(const struct api_row *row, const char *name, struct hm_cx *cx)
{
	return hm_find(hm_cstr(row->path), hm_fmt(cx, "{%s}", name)) != SIZE_MAX;
}

static void put_parameter(struct hm_cx *cx, const struct api_row *row,
			  const struct api_parameter *p, struct json_out *o)
{
	static const char *const types[] = { [API_TEXT] = "string",
					     [API_COUNT] = "integer",
					     [API_ID] = "string",
					     [API_SWITCH] = "boolean",
					     [API_FORMAT] = "string" };
	bool in_path = is_in_path(row, p->name, cx);
	json_open(o, NULL, '{');
	json_putz(o, "name", p->name);
	json_putz(o, "in", in_path ? "path" : "query");
	json_put_bool(o, "required", in_path || p->is_needed);
	json_putz(o, "description", p->help);
	json_open(o, "schema", '{');
	json_putz(o, "type", types[p->kind]);
	if (p->kind == API_COUNT)
		json_put_int(o, "minimum", 0);
	if (p->kind == API_ID)
		json_putz(o, "pattern", "^[0-9]+$");
	if (p->kind == API_FORMAT) {
		json_open(o, "enum", '[');
		json_putz(o, NULL, "json");
		json_putz(o, NULL, "text");
		json_close(o, ']');
	}
	json_close(o, '}');
	json_close(o, '}');
}

/* One form of an answer; no schema: a text. */
static void put_content(struct hm_cx *cx, const char *type, const char *schema, struct json_out *o)
{
	json_open(o, type, '{');
	json_open(o, "schema", '{');
	if (schema)
		json_put_str(o, "$ref", hm_fmt(cx, "#/components/schemas/%s", schema));
	else
		json_putz(o, "type", "string");
	json_close(o, '}');
	json_close(o, '}');
}

static void put_answer(struct hm_cx *cx, const struct api_row *row, struct json_out *o)
{
	json_open(o, "200", '{');
	json_putz(o, "description", "the answer");
	json_open(o, "content", '{');
	put_content(cx, row->schema ? "application/json" : "text/event-stream", row->schema, o);
	if (row->question)
		put_content(cx, "text/plain", NULL, o);
	json_close(o, '}');
	json_close(o, '}');
	json_open(o, "default", '{');
	json_putz(o, "description", "why the question was not answered");
	json_open(o, "content", '{');
	put_content(cx, "application/json", "Error", o);
	json_close(o, '}');
	json_close(o, '}');
}

static void put_body(const char *what, struct json_out *o)
{
	json_open(o, "requestBody", '{');
	json_putz(o, "description", what);
	json_put_bool(o, "required", true);
	json_open(o, "content", '{');
	json_open(o, "application/octet-stream", '{');
	json_close(o, '}');
	json_close(o, '}');
	json_close(o, '}');
}

static void put_login(struct json_out *o)
{
	json_open(o, "security", '[');
	json_open(o, NULL, '{');
	json_open(o, "token", '[');
	json_close(o, ']');
	json_close(o, '}');
	json_close(o, ']');
}

static void put_operation(struct hm_cx *cx, const struct api_row *row, struct json_out *o)
{
	json_open(o, hm_lower(cx, hm_cstr(row->method)).p, '{');
	json_putz(o, "operationId", row->name);
	json_putz(o, "summary", row->help);
	json_open(o, "parameters", '[');
	for (const struct api_parameter *p = row->parameters; p->name; p++)
		put_parameter(cx, row, p, o);
	json_close(o, ']');
	if (row->body)
		put_body(row->body, o);
	if (row->needs_login)
		put_login(o);
	json_open(o, "responses", '{');
	put_answer(cx, row, o);
	json_close(o, '}');
	json_close(o, '}');
}

/* The rows of one path stand together in the table. */
static void put_paths(struct hm_cx *cx, const struct api_row *api, struct json_out *o)
{
	const char *last = NULL;
	json_open(o, "paths", '{');
	for (const struct api_row *row = api; row->method; row++) {
		if (!last || strcmp(last, row->path) != 0) {
			if (last)
				json_close(o, '}');
			json_open(o, hm_fmt(cx, API_ROOT "%s", row->path).p, '{');
		}
		put_operation(cx, row, o);
		last = row->path;
	}
	if (last)
		json_close(o, '}');
	json_close(o, '}');
}

hm_err cli_graph_openapi(struct hm_cx *cx, const struct api_call *c, struct json_out *o)
{
	struct json schema;
	json_putz(o, "openapi", "3.1.0");
	json_open(o, "info", '{');
	json_putz(o, "title", "Hullmark's knowledge graph");
	json_putz(o, "version", "1");
	json_putz(o, "description",
		  "The answers are those of `hullmark graph ... -o json`, member for member.");
	json_open(o, "license", '{');
	json_putz(o, "name", "Apache-2.0");
	json_putz(o, "identifier", "Apache-2.0");
	json_close(o, '}');
	json_close(o, '}');
	put_paths(cx, c->service->api, o);
	json_open(o, "components", '{');
	json_open(o, "securitySchemes", '{');
	json_open(o, "token", '{');
	json_putz(o, "type", "http");
	json_putz(o, "scheme", "bearer");
	json_close(o, '}');
	json_close(o, '}');
	json_open(o, "schemas", '{');
	for (const struct api_schema *s = cli_graph_schemas; s->name; s++) {
		HM_TRY(json_parse(cx, hm_cstr(s->json), JSON_PLAIN, &schema));
		json_put_json(o, s->name, schema);
	}
	json_close(o, '}');
	json_close(o, '}');
	return NULL;
}
