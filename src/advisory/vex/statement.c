/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/vex/vex.h"

/* A vector whose length is a member of its own. */
#define PUSH(cx, p, n, cap)                                                                   \
	((p) = hm_vec_grow((cx), (p), (n), &(cap), sizeof(*(p)), _Alignof(__typeof__(*(p)))), \
	 &(p)[(n)++])

void advisory_vex_name_add(struct hm_cx *cx, struct vex_name *n, struct hm_str text)
{
	struct vex_purl p;
	if (text.n)
		*hm_push(cx, &n->texts) = text;
	if (advisory_vex_purl(cx, text, &p))
		*PUSH(cx, n->purls, n->purls_n, n->purls_cap) = p;
	else if (text.n)
		*hm_push(cx, &n->words) = text;
}

hm_err advisory_vex_statement(struct hm_cx *cx, struct advisory_vex *v, struct vex_statement **out)
{
	if (v->n >= HM_MAX_VEX_STATEMENTS)
		return hm_fail(cx, HM_LIMIT, "more than %zu statements",
			       (size_t)HM_MAX_VEX_STATEMENTS);
	struct vex_statement *s = PUSH(cx, v->statements, v->n, v->cap);
	s->document = (uint32_t)v->documents_n;
	s->number = 1;
	if (v->n > 1 && s[-1].document == s->document)
		s->number = s[-1].number + 1;
	*out = s;
	return NULL;
}

hm_err advisory_vex_product(struct hm_cx *cx, struct advisory_vex *v, struct vex_statement *s,
			    struct vex_product **out)
{
	if (v->products++ >= HM_MAX_VEX_PRODUCTS)
		return hm_fail(cx, HM_LIMIT, "more than %zu products", (size_t)HM_MAX_VEX_PRODUCTS);
	*out = PUSH(cx, s->products, s->products_n, s->products_cap);
	return NULL;
}

int64_t advisory_vex_time(struct hm_cx *cx, struct hm_str text)
{
	int64_t when;
	return text.n && !hm_rfc3339_parse(cx, text, &when) ? when : 0;
}

struct vex_document *advisory_vex_document(struct hm_cx *cx, struct advisory_vex *v)
{
	return PUSH(cx, v->documents, v->documents_n, v->documents_cap);
}
