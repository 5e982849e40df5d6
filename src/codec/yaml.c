/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/yaml.h"

#include <math.h>
#include <stdlib.h>
#include <yaml.h>

/*
 * The events are written out as JSON text, which json_parse() then reads: one tree, one set of
 * limits. Each open container is a row of a fixed stack.
 */
struct level {
	bool is_map, wants_key;
	struct hm_map keys; /* of a mapping, to refuse duplicates */
};

struct reader {
	struct hm_cx *cx;
	struct json_out out;
	struct level levels[64];
	size_t depth;
	uint64_t nodes;
};

static hm_err fail_at(struct reader *r, const yaml_event_t *e, const char *what)
{
	return hm_fail(r->cx, HM_INPUT, "YAML: line %zu: %s", e->start_mark.line + 1, what);
}

static bool is_one_of(struct hm_str s, const char *const *words)
{
	for (; *words; words++)
		if (hm_eqz(s, *words))
			return true;
	return false;
}

/* "0x", "0o", "0b" or "0" at the start of *digits, which moves behind it. */
static unsigned cut_base(struct hm_str *digits)
{
	if (digits->n < 2 || digits->p[0] != '0')
		return 10;
	char mark = digits->p[1];
	*digits = hm_from(*digits, mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
	return mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
}

static unsigned value_of_digit(char c)
{
	c = hm_lower_char(c);
	if (hm_is_digit(c))
		return (unsigned)(c - '0');
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;
}

/* YAML 1.1 integers as Kubernetes' reader takes them: decimal, 0x, 0o, 0b, and 0 for octal. */
static bool read_integer(struct hm_str s, int64_t *out)
{
	struct hm_str digits = s;
	bool minus = s.p[0] == '-';
	uint64_t v = 0;
	if (s.p[0] == '-' || s.p[0] == '+')
		digits = hm_from(digits, 1);
	if (digits.n == 0 || !hm_is_digit(digits.p[0]))
		return false;
	unsigned base = cut_base(&digits);
	for (size_t i = 0; i < digits.n; i++) {
		unsigned d = value_of_digit(digits.p[i]);
		if (d >= base || __builtin_mul_overflow(v, base, &v) ||
		    __builtin_add_overflow(v, d, &v))
			return false;
	}
	if (digits.n == 0 || v > INT64_MAX)
		return false;
	*out = minus ? -(int64_t)v : (int64_t)v;
	return true;
}

static bool read_real(struct hm_cx *cx, struct hm_str s, double *out)
{
	size_t digits = 0;
	for (size_t i = 0; i < s.n; i++) {
		digits += hm_is_digit(s.p[i]);
		if (!hm_is_digit(s.p[i]) && !hm_is_one_of(s.p[i], "+-.eE"))
			return false;
	}
	char *end, *text = hm_dupz(cx, s);
	if (digits == 0)
		return false;
	*out = strtod(text, &end);
	return *end == '\0' && isfinite(*out);
}

static void read_plain(struct reader *r, struct hm_str s)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
	static const char *const trues[] = { "true", "True", "TRUE", "yes", "Yes",
					     "YES",  "on",   "On",   "ON",  NULL };
	static const char *const falses[] = { "false", "False", "FALSE", "no",  "No",
					      "NO",    "off",   "Off",   "OFF", NULL };
	int64_t i;
	double d;
	if (is_one_of(s, nulls))
		json_put_null(&r->out, NULL);
	else if (is_one_of(s, trues))
		json_put_bool(&r->out, NULL, true);
	else if (is_one_of(s, falses))
		json_put_bool(&r->out, NULL, false);
	else if (read_integer(s, &i))
		json_put_int(&r->out, NULL, i);
	else if (read_real(r->cx, s, &d))
		json_put_real(&r->out, NULL, d);
	else
		json_put_str(&r->out, NULL, s);
}

static bool is_standard_tag(const unsigned char *tag)
{
	return !tag || strncmp((const char *)tag, "tag:yaml.org,2002:", 18) == 0;
}

static hm_err read_scalar(struct reader *r, const yaml_event_t *e)
{
	struct level *l = r->depth ? &r->levels[r->depth - 1] : NULL;
	struct hm_str s = { (const char *)e->data.scalar.value, e->data.scalar.length };
	if (!is_standard_tag(e->data.scalar.tag))
		return fail_at(r, e, "a tag that is not a standard one");
	if (!hm_is_utf8(s))
		return fail_at(r, e, "text that is not UTF-8");
	HM_TRY(hm_charge(r->cx, s.n + 64));
	if (l && l->is_map && l->wants_key) {
		s = hm_dup(r->cx, s);
		if (hm_map_has(&l->keys, s))
			return fail_at(r, e, "a key appears twice in a mapping");
		hm_map_put(r->cx, &l->keys, s, NULL);
		json_key(&r->out, s);
		l->wants_key = false;
		return NULL;
	}
	bool is_text =
		e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE ||
		(e->data.scalar.tag && strcmp((const char *)e->data.scalar.tag, YAML_STR_TAG) == 0);
	if (is_text)
		json_put_str(&r->out, NULL, s);
	else
		read_plain(r, s);
	if (l)
		l->wants_key = l->is_map;
	return NULL;
}

static hm_err open_level(struct reader *r, const yaml_event_t *e, bool is_map)
{
	struct level *l = r->depth ? &r->levels[r->depth - 1] : NULL;
	const unsigned char *tag = is_map ? e->data.mapping_start.tag : e->data.sequence_start.tag;
	if (!is_standard_tag(tag))
		return fail_at(r, e, "a tag that is not a standard one");
	if (l && l->is_map && l->wants_key)
		return fail_at(r, e, "a key that is not a string");
	if (r->depth == HM_LEN(r->levels) || r->depth >= HM_MAX_YAML_DEPTH)
		return hm_fail(r->cx, HM_LIMIT, "YAML is nested deeper than %d levels",
			       (int)HM_MAX_YAML_DEPTH);
	if (l)
		l->wants_key = l->is_map;
	r->levels[r->depth++] = (struct level){ .is_map = is_map, .wants_key = is_map };
	json_open(&r->out, NULL, is_map ? '{' : '[');
	return NULL;
}

static hm_err read_node(struct reader *r, const yaml_event_t *e)
{
	if (++r->nodes > HM_MAX_YAML_NODES)
		return hm_fail(r->cx, HM_LIMIT, "YAML has more than %d nodes",
			       (int)HM_MAX_YAML_NODES);
	if (e->type == YAML_ALIAS_EVENT)
		return fail_at(r, e, "aliases are not accepted");
	if (e->type == YAML_SCALAR_EVENT)
		return read_scalar(r, e);
	if (e->type == YAML_MAPPING_START_EVENT || e->type == YAML_SEQUENCE_START_EVENT)
		return open_level(r, e, e->type == YAML_MAPPING_START_EVENT);
	if (e->type == YAML_MAPPING_END_EVENT || e->type == YAML_SEQUENCE_END_EVENT)
		json_close(&r->out, r->levels[--r->depth].is_map ? '}' : ']');
	return NULL;
}

struct stream {
	HM_VEC(struct json) documents;
	yaml_parser_t parser;
};

static void stream_done(struct stream *s)
{
	yaml_parser_delete(&s->parser);
}

static hm_err finish_document(struct reader *r, struct stream *s)
{
	struct json doc;
	struct hm_str text;
	HM_TRY(hm_buf_end(r->cx, r->out.to, "YAML", &text));
	if (text.n && !hm_eqz(text, "null")) {
		HM_TRY(json_parse(r->cx, text, JSON_PLAIN, &doc));
		*hm_push(r->cx, &s->documents) = doc;
	}
	hm_buf_clear(r->out.to);
	r->out = json_out(r->out.to, false);
	return NULL;
}

static hm_err next_document(struct reader *r, struct stream *s, bool *out_end)
{
	yaml_event_t e;
	hm_err err = NULL;
	if (!yaml_parser_parse(&s->parser, &e))
		return hm_fail(r->cx, HM_INPUT, "YAML: line %zu: %s",
			       s->parser.problem_mark.line + 1,
			       s->parser.problem ? s->parser.problem : "not well-formed");
	*out_end = e.type == YAML_STREAM_END_EVENT;
	if (e.type == YAML_DOCUMENT_END_EVENT)
		err = finish_document(r, s);
	else if (!*out_end && e.type != YAML_STREAM_START_EVENT &&
		 e.type != YAML_DOCUMENT_START_EVENT)
		err = read_node(r, &e);
	yaml_event_delete(&e);
	return err;
}

hm_err yaml_parse_all(struct hm_cx *cx, struct hm_str text, struct json **out, size_t *out_n)
{
	HM_AUTO_BUF buf = HM_BUF(HM_MAX_JSON);
	struct reader *r = hm_new(cx, struct reader, 1);
	r->cx = cx;
	r->out = json_out(&buf, false);
	if (text.n > HM_MAX_YAML)
		return hm_fail(cx, HM_LIMIT, "YAML is larger than %d bytes", (int)HM_MAX_YAML);
	HM_CLEANUP(stream_done) struct stream s = { 0 };
	if (!yaml_parser_initialize(&s.parser))
		return hm_fail(cx, HM_SYSTEM, "could not start the YAML reader");
	yaml_parser_set_input_string(&s.parser, (const unsigned char *)text.p, text.n);
	yaml_parser_set_encoding(&s.parser, YAML_UTF8_ENCODING);
	for (bool end = false; !end;)
		HM_TRY(next_document(r, &s, &end));
	*out = s.documents.p;
	*out_n = s.documents.n;
	return NULL;
}

hm_err yaml_parse(struct hm_cx *cx, struct hm_str text, struct json *out)
{
	struct json *documents;
	size_t n;
	HM_TRY(yaml_parse_all(cx, text, &documents, &n));
	if (n > 1)
		return hm_fail(cx, HM_INPUT, "YAML: more than one document");
	*out = n ? documents[0] : (struct json){ NULL };
	return NULL;
}
