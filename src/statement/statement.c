/* SPDX-License-Identifier: Apache-2.0 */
#include "statement/statement.h"

static bool is_hex(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (hm_hex_digit(s.p[i]) < 0)
			return false;
	return s.n > 0;
}

static hm_err read_digests(struct hm_cx *cx, struct json v, struct statement_subject *s)
{
	size_t n = json_size(v);
	if (!json_is_object(v) || !n)
		return hm_fail(cx, HM_INPUT, "a subject has no digest");
	if (n > HM_MAX_STATEMENT_DIGESTS)
		return hm_fail(cx, HM_LIMIT, "a subject has too many digests");
	s->digests = hm_new(cx, struct statement_digest, n);
	for (struct json_iter it = json_iter(v); json_next(&it);) {
		struct hm_str value = json_str(it.value);
		if (!it.key.n || !value.n)
			return hm_fail(cx, HM_INPUT, "a digest is not a text");
		/* git's, and those of other contents, need not be hexadecimal */
		s->digests[s->digests_n++] =
			(struct statement_digest){ it.key,
						   is_hex(value) ? hm_lower(cx, value) : value };
	}
	return NULL;
}

static hm_err read_subjects(struct hm_cx *cx, struct json list, struct statement *s)
{
	size_t n = json_size(list);
	if (!json_is_array(list) || !n)
		return hm_fail(cx, HM_INPUT, "it has no subject");
	if (n > HM_MAX_STATEMENT_SUBJECTS)
		return hm_fail(cx, HM_LIMIT, "it has too many subjects");
	s->subjects = hm_new(cx, struct statement_subject, n);
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct statement_subject *subject = &s->subjects[s->subjects_n++];
		subject->name = json_str(json_get(it.value, "name"));
		HM_TRY(read_digests(cx, json_get(it.value, "digest"), subject));
	}
	return NULL;
}

hm_err statement_parse(struct hm_cx *cx, struct hm_str text, struct statement *out)
{
	struct statement s = { 0 };
	struct json top;
	struct hm_str type;
	HM_TRY(json_parse(cx, text, JSON_STRICT, &top));
	if (!json_is_object(top))
		return hm_fail(cx, HM_INPUT, "it is not a JSON object");
	HM_TRY(json_need_str(cx, top, "_type", &type));
	if (!hm_eqz(type, STATEMENT_TYPE) && !hm_eqz(type, STATEMENT_OLD_TYPE))
		return hm_fail(cx, HM_INPUT, "statements of type \"%.*s\" are not supported",
			       HM_FMT(type));
	HM_TRY(json_need_str(cx, top, "predicateType", &s.predicate_type));
	if (!s.predicate_type.n)
		return hm_fail(cx, HM_INPUT, "\"predicateType\" is empty");
	if (s.predicate_type.n > HM_MAX_PREDICATE_TYPE)
		return hm_fail(cx, HM_LIMIT, "\"predicateType\" is too long");
	HM_TRY(read_subjects(cx, json_get(top, "subject"), &s));
	s.predicate = json_get(top, "predicate");
	if (json_is_there(s.predicate) && !json_is_null(s.predicate) &&
	    !json_is_object(s.predicate))
		return hm_fail(cx, HM_INPUT, "\"predicate\" is not an object");
	*out = s;
	return NULL;
}

hm_err statement_write(struct hm_cx *cx, const struct statement *s, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_ENVELOPE);
	struct json_out o = json_out(&b, false);
	struct hm_str text;
	json_open(&o, NULL, '{');
	json_putz(&o, "_type", STATEMENT_TYPE);
	json_open(&o, "subject", '[');
	for (size_t i = 0; i < s->subjects_n; i++) {
		const struct statement_subject *subject = &s->subjects[i];
		json_open(&o, NULL, '{');
		json_put_given(&o, "name", subject->name);
		json_open(&o, "digest", '{');
		for (size_t k = 0; k < subject->digests_n; k++) {
			json_key(&o, subject->digests[k].alg);
			json_put_str(&o, NULL, subject->digests[k].value);
		}
		json_close(&o, '}');
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_put_str(&o, "predicateType", s->predicate_type);
	if (json_is_object(s->predicate)) {
		json_put_json(&o, "predicate", s->predicate);
	} else {
		json_open(&o, "predicate", '{');
		json_close(&o, '}');
	}
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "the statement", &text));
	*out = hm_dup(cx, text);
	return NULL;
}

hm_err statement_about(struct hm_cx *cx, struct hm_str name, struct hm_str digest,
		       struct hm_str predicate_type, struct json predicate, struct hm_str *out)
{
	struct hm_str value = digest;
	struct statement_digest d = { hm_cut(&value, ':'), value };
	struct statement_subject subject = { .name = name, .digests = &d, .digests_n = 1 };
	struct statement s = { .subjects = &subject,
			       .subjects_n = 1,
			       .predicate_type = predicate_type,
			       .predicate = predicate };
	return statement_write(cx, &s, out);
}

bool statement_names(const struct statement *s, struct hm_str digest)
{
	struct hm_str value = digest, alg = hm_cut(&value, ':');
	for (size_t i = 0; i < s->subjects_n; i++)
		for (size_t k = 0; k < s->subjects[i].digests_n; k++) {
			const struct statement_digest *d = &s->subjects[i].digests[k];
			if (hm_eq(d->alg, alg) && hm_eq(d->value, value))
				return true;
		}
	return false;
}

bool statement_has_digest(const struct statement *s, struct hm_str alg)
{
	for (size_t i = 0; i < s->subjects_n; i++)
		for (size_t k = 0; k < s->subjects[i].digests_n; k++)
			if (hm_eq(s->subjects[i].digests[k].alg, alg))
				return true;
	return false;
}
