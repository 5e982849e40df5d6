/* SPDX-License-Identifier: Apache-2.0 */
/* Literals with holes, and the smallest parts of pages. */
#include "graph/page/html.h"

#include "http/http.h"

/* ------------------------------------------------------------------ texts */

/* Code points that nobody sees, or that change how others are shown. As web/src/dom.ts has them. */
static bool is_unseen(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} all[] = {
		{ 0x00, 0x1f },     { 0x7f, 0x9f },     { 0xad, 0xad },       { 0x61c, 0x61c },
		{ 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e },   { 0x2060, 0x206f },
		{ 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f },
	};
	for (size_t i = 0; i < HM_LEN(all); i++)
		if (c >= all[i].first && c <= all[i].last)
			return true;
	return false;
}

/* Of a well-formed sequence. */
static uint32_t code_point(struct hm_str s)
{
	static const unsigned char masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t c = (unsigned char)s.p[0] & masks[s.n];
	for (size_t i = 1; i < s.n; i++)
		c = c << 6 | ((unsigned char)s.p[i] & 0x3f);
	return c;
}

static void put_text(struct hm_buf *to, struct hm_str s)
{
	while (s.n) {
		size_t n = hm_utf8_sequence(s);
		struct hm_str one = hm_sub(s, 0, n ? n : 1);
		uint32_t c = n ? code_point(one) : 0xfffd;
		s = hm_from(s, one.n);
		if (!n)
			hm_buf_addz(to, "\xef\xbf\xbd");
		else if (is_unseen(c))
			hm_buf_fmt(to, "\u27e8U+%04X\u27e9", (unsigned)c);
		else if (c == '&')
			hm_buf_addz(to, "&amp;");
		else if (c == '<')
			hm_buf_addz(to, "&lt;");
		else if (c == '>')
			hm_buf_addz(to, "&gt;");
		else if (c == '"')
			hm_buf_addz(to, "&quot;");
		else if (c == '\'')
			hm_buf_addz(to, "&#39;");
		else
			hm_buf_add(to, one);
	}
}

void graph_page_put(struct page *p, const char *form, const struct hm_str *texts, size_t n)
{
	struct hm_str rest = hm_cstr(form);
	size_t used = 0;
	for (;;) {
		size_t at = 0;
		while (at < rest.n && rest.p[at] != '$' && rest.p[at] != '%')
			at++;
		hm_buf_add(p->to, hm_sub(rest, 0, at));
		if (at == rest.n)
			break;
		if (used == n)
			abort();
		struct hm_str text = texts[++used];
		if (rest.p[at] == '$')
			put_text(p->to, text);
		else
			hm_buf_add(p->to, http_escape(p->cx, text));
		rest = hm_from(rest, at + 1);
	}
	if (used != n)
		abort();
}

/* ------------------------------------------------------------------ what was given */

bool graph_page_is_served(const struct page *p, const char *path)
{
	for (const struct graph_page_view *v = p->views; v->path; v++)
		if (strcmp(v->path, path) == 0)
			return !p->r->can_ask || p->r->can_ask(p->r->arg, v->questions[0]);
	return false;
}

bool graph_page_is_asked(struct hm_cx *cx, const struct graph_page_request *r)
{
	for (size_t i = 0; i < HM_LEN(r->view->needs) && r->view->needs[i]; i++)
		if (!r->given(cx, r->arg, r->view->needs[i]).n)
			return false;
	return true;
}

/* ------------------------------------------------------------------ words and figures */

struct hm_str graph_page_given(struct page *p, const char *name)
{
	return p->r->given(p->cx, p->r->arg, name);
}

struct hm_str graph_page_number(struct page *p, int64_t n)
{
	struct hm_str digits = hm_fmt(p->cx, "%lld", (long long)(n < 0 ? 0 : n));
	HM_AUTO_BUF b = HM_BUF(64);
	for (size_t i = 0; i < digits.n; i++) {
		if (i && (digits.n - i) % 3 == 0)
			hm_buf_char(&b, ',');
		hm_buf_char(&b, digits.p[i]);
	}
	return hm_dup(p->cx, hm_buf_str(&b));
}

struct hm_str graph_page_words(struct page *p, struct hm_str name)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i], lower = hm_lower_char(c);
		bool is_upper = lower != c,
		     was_upper = i && hm_lower_char(name.p[i - 1]) != name.p[i - 1];
		bool ends = i + 1 < name.n && hm_lower_char(name.p[i + 1]) == name.p[i + 1];
		if (i && is_upper && !was_upper)
			hm_buf_char(&b, ' ');
		/* abbreviations stay: "hasSBOM" */
		hm_buf_char(&b, is_upper && !was_upper && ends ? lower : c);
	}
	return hm_dup(p->cx, hm_buf_str(&b));
}

struct hm_str graph_page_phrase(struct page *p, struct hm_str word)
{
	struct hm_str lower = hm_lower(p->cx, word);
	char *text = hm_dupz(p->cx, lower);
	for (size_t i = 0; i < lower.n; i++)
		text[i] = text[i] == '_' ? ' ' : text[i];
	return hm_bytes(text, lower.n);
}

struct hm_str graph_page_title(struct page *p, struct hm_str words)
{
	char *text = hm_dupz(p->cx, words);
	if (hm_eqz(words, "sbom"))
		return HM_STR("SBOM");
	if (words.n && text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
	return hm_bytes(text, words.n);
}

/* ------------------------------------------------------------------ parts */

void graph_page_icon(struct page *p, const char *name)
{
	PUT(p,
	    "<svg class=\"icon\" aria-hidden=\"true\"><use href=\"/assets/icons.svg#$\"></use></svg>",
	    hm_cstr(name));
}

void graph_page_badge(struct page *p, const char *tone, const char *icon, struct hm_str text)
{
	PUT(p, "<span class=\"badge $\">", hm_cstr(tone));
	if (icon)
		graph_page_icon(p, icon);
	PUT(p, "$</span>", text);
}
