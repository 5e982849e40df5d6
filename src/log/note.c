/* SPDX-License-Identifier: Apache-2.0 */
#include "log/log.h"

#include "codec/base64.h"

/* C2SP signed-note: text, an empty line, and a line for each signature: "— NAME BASE64". */
#define DASH "\xe2\x80\x94 "

enum { HINT = 4 };

static hm_err read_signature(struct hm_cx *cx, struct hm_str line, struct log_note_signature *out)
{
	struct hm_str raw, rest = line;
	if (!hm_starts(line, HM_STR(DASH)))
		return hm_fail(cx, HM_INPUT, "a line of its signatures is malformed");
	rest = hm_from(rest, sizeof(DASH) - 1);
	out->name = hm_cut(&rest, ' ');
	if (!out->name.n || hm_find_char(out->name, '+') != SIZE_MAX || !rest.n)
		return hm_fail(cx, HM_INPUT, "a line of its signatures is malformed");
	HM_TRY_IN(cx, base64_parse(cx, BASE64_STD, rest, &raw), "a line of its signatures");
	if (raw.n <= HINT)
		return hm_fail(cx, HM_INPUT, "a line of its signatures is too short");
	struct hm_cur c = hm_cur(raw);
	out->hint = (uint32_t)hm_be(&c, HINT);
	out->value = hm_from(raw, HINT);
	return NULL;
}

hm_err log_note_parse(struct hm_cx *cx, struct hm_str bytes, struct log_note *out)
{
	HM_VEC(struct log_note_signature) found = { 0 };
	if (bytes.n > HM_MAX_NOTE)
		return hm_fail(cx, HM_LIMIT, "the note is too long");
	if (!hm_is_utf8(bytes))
		return hm_fail(cx, HM_INPUT, "the note is not UTF-8");
	for (size_t i = 0; i < bytes.n; i++)
		if ((unsigned char)bytes.p[i] < ' ' && bytes.p[i] != '\n')
			return hm_fail(cx, HM_INPUT, "the note has a control character");
	/* the last empty line: the text may have some, too */
	size_t end = SIZE_MAX;
	for (size_t i = 0; i + 1 < bytes.n; i++)
		if (bytes.p[i] == '\n' && bytes.p[i + 1] == '\n')
			end = i;
	if (end == SIZE_MAX || bytes.p[bytes.n - 1] != '\n')
		return hm_fail(cx, HM_INPUT, "the note has no signatures");
	struct hm_str rest = hm_from(bytes, end + 2);
	while (rest.n) {
		if (found.n == HM_MAX_NOTE_SIGNATURES)
			return hm_fail(cx, HM_LIMIT, "the note has too many signatures");
		HM_TRY_IN(cx, read_signature(cx, hm_cut(&rest, '\n'), hm_push(cx, &found)), "note");
	}
	if (!found.n)
		return hm_fail(cx, HM_INPUT, "the note has no signatures");
	*out = (struct log_note){ hm_sub(bytes, 0, end + 1), found.p, found.n };
	return NULL;
}

hm_err log_note_verify(struct hm_cx *cx, const struct log_note *n, struct hm_str name,
		       uint32_t hint, const struct crypto_key *key)
{
	bool there = false;
	for (size_t i = 0; i < n->signatures_n; i++) {
		const struct log_note_signature *s = &n->signatures[i];
		if (!hm_eq(s->name, name) || s->hint != hint)
			continue;
		there = true;
		hm_err err = crypto_verify(cx, key, key->alg, n->text, s->value);
		if (!err || err->code != HM_TRUST)
			return err;
	}
	return hm_fail(cx, HM_TRUST,
		       there ? "its signature does not match"
			     : "it is not signed with the key that is known");
}

/* C2SP tlog-checkpoint: origin, size, root, and lines that only the log knows. */
hm_err log_checkpoint_parse(struct hm_cx *cx, struct hm_str bytes, struct log_checkpoint *out)
{
	struct log_checkpoint c = { 0 };
	HM_TRY_IN(cx, log_note_parse(cx, bytes, &c.note), "checkpoint");
	struct hm_str rest = c.note.text;
	c.origin = hm_cut(&rest, '\n');
	struct hm_str size = hm_cut(&rest, '\n'), root = hm_cut(&rest, '\n');
	if (!c.origin.n)
		return hm_fail(cx, HM_INPUT, "the checkpoint has no origin");
	if (!hm_u64(size, INT64_MAX, &c.size) || (size.n > 1 && size.p[0] == '0'))
		return hm_fail(cx, HM_INPUT, "the checkpoint's size is not a number");
	HM_TRY_IN(cx, base64_parse(cx, BASE64_STD, root, &c.root), "the checkpoint's root");
	if (c.root.n != LOG_HASH)
		return hm_fail(cx, HM_INPUT, "the checkpoint's root has %zu bytes", c.root.n);
	*out = c;
	return NULL;
}
