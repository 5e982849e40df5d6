/* SPDX-License-Identifier: Apache-2.0 */
/* Forms, cards, and what stands where there is nothing. */
#include "graph/page/parts.h"

static void put_field(struct page *p, const struct page_field *f)
{
	struct hm_str name = hm_cstr(f->name), value = graph_page_given(p, f->name);
	if (!f->kinds) {
		PUT(p,
		    "<div class=\"field box\"><input type=\"checkbox\" name=\"$\" id=\"field-$\" "
		    "value=\"true\"",
		    name, name);
		if (hm_eqz(value, "true"))
			PUT(p, " checked");
		PUT(p, "><label for=\"field-$\">$</label></div>", name, hm_cstr(f->label));
		return;
	}
	PUT(p, "<div class=\"field\"><label for=\"field-$\">$</label>", name, hm_cstr(f->label));
	PUT(p,
	    "<input type=\"text\" name=\"$\" id=\"field-$\" value=\"$\" placeholder=\"$\" "
	    "spellcheck=\"false\" autocapitalize=\"off\" required",
	    name, name, value, hm_cstr(f->placeholder));
	PUT(p, " data-suggest=\"fill\" data-kinds=\"$\"></div>", hm_cstr(f->kinds));
}

void graph_page_form(struct page *p, const char *action, const struct page_field *fields,
		     const char *button)
{
	PUT(p, "<div class=\"card\"><form class=\"ask\" method=\"get\" action=\"$\">",
	    hm_cstr(action));
	for (const struct page_field *f = fields; f->name; f++)
		put_field(p, f);
	PUT(p, "<button class=\"button main-action\">$</button></form></div>", hm_cstr(button));
}

void graph_page_empty(struct page *p, const char *icon, const char *what, const char *next,
		      const char *command)
{
	PUT(p, "<div class=\"empty\">");
	graph_page_icon(p, icon);
	PUT(p, "<strong>$</strong>", hm_cstr(what));
	if (next)
		PUT(p, "<span>$</span>", hm_cstr(next));
	if (command)
		PUT(p, "<code class=\"command\">$</code>", hm_cstr(command));
	PUT(p, "</div>");
}

void graph_page_card_begin(struct page *p, const char *id, const char *title, int64_t count)
{
	PUT(p,
	    "<section class=\"card\" id=\"$\" data-live aria-labelledby=\"title-$\"><header>"
	    "<h2 id=\"title-$\">$</h2>",
	    hm_cstr(id), hm_cstr(id), hm_cstr(id), hm_cstr(title));
	if (count >= 0)
		PUT(p, "<span class=\"count\">$</span>", graph_page_number(p, count));
	PUT(p, "</header>");
}

void graph_page_card_end(struct page *p)
{
	PUT(p, "</section>");
}
