/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vex.h - what suppliers say of vulnerabilities in their products. Private to the room.
 *
 *   purl.c       a purl as a pattern, and what it names
 *   openvex.c    OpenVEX 0.0.1 to 0.2.0
 *   csaf.c       CSAF 2.0 and 2.1, profile 5 (VEX)
 *   cyclonedx.c  the vulnerabilities of a CycloneDX document
 *   statement.c  the list of statements, which they add to
 *   table.c      the formats
 *   draft.c      what is to be written: complete, and without contradictions
 *   gather.c     what was read, to be written
 *   words.c      words and names
 *   FORMAT_write.c
 *
 * A reader says no more than the document does: what names no product is kept as a statement that
 * applies to nothing, and is listed as such. Names are compared whole, never by their beginning.
 * Whether a statement is about the subject is judged in advisory/told.c.
 */
#ifndef ADVISORY_VEX_VEX_H
#define ADVISORY_VEX_VEX_H

#include "advisory/advisory.h"

struct vex_purl {
	struct hm_str type, namespace, name, version; /* name: its key (inventory_type_key) */
	struct hm_strs qualifiers;                    /* "key=value", decoded */
	struct hm_str subpath;
};
/* False: it is not a purl. */
bool advisory_vex_purl(struct hm_cx *cx, struct hm_str text, struct vex_purl *out);
/*
 * Does `said` name `have`? Type, namespace and name are equal; so are version, each qualifier and
 * the subpath, as far as `said` has them (purl-spec; OpenVEX spec, "Product matching").
 */
bool advisory_vex_purl_names(const struct vex_purl *said, const struct vex_purl *have);
/* The value of a qualifier; empty: it has none. */
struct hm_str advisory_vex_qualifier(const struct vex_purl *p, struct hm_str key);

/* All names of a product: one that fits is enough. */
struct vex_name {
	struct vex_purl *purls;
	size_t purls_n, purls_cap;
	struct hm_strs hashes; /* "sha256:hex" */
	struct hm_strs words;  /* other identifiers, which only a target itself may have */
	struct hm_strs texts;  /* purls and words as they were written */
};
void advisory_vex_name_add(struct hm_cx *cx, struct vex_name *n, struct hm_str text);

/* A product, or a part of one. */
struct vex_product {
	struct vex_name whole, part;
	bool has_part;
	struct hm_strs versions; /* the part must have one of these; empty: any */
	const char *unnamed;     /* why it names nothing; NULL: it does */
};

struct vex_statement {
	struct hm_strs ids; /* of the vulnerability */
	enum advisory_vex_status status;
	struct hm_str justification; /* a word of the format, or a sentence */
	/* The same and more, as a claim has it; empty: it is not said. */
	struct hm_str reason, impact, action, notes;
	bool no_fix;
	int64_t when; /* seconds since 1970; 0: not said */
	struct vex_product *products;
	size_t products_n, products_cap;
	uint32_t document, number; /* counted from 1 */
};

struct vex_document {
	struct hm_str file, id, author;
	struct hm_str signer; /* who is believed to have signed it; empty: nobody was asked for */
	int64_t until;        /* that holds; 0: it has no end */
	const char *format;
	bool any_profile; /* of CSAF; else VEX alone */
};

struct advisory_vex {
	struct vex_document *documents;
	size_t documents_n, documents_cap;
	struct vex_statement *statements;
	size_t n, cap;
	size_t products; /* of all statements */
};

struct vex_document *advisory_vex_document(struct hm_cx *cx, struct advisory_vex *v);
/* One more statement of the newest document. HM_LIMIT. */
HM_MUST hm_err advisory_vex_statement(struct hm_cx *cx, struct advisory_vex *v,
				      struct vex_statement **out);
HM_MUST hm_err advisory_vex_product(struct hm_cx *cx, struct advisory_vex *v,
				    struct vex_statement *s, struct vex_product **out);
int64_t advisory_vex_time(struct hm_cx *cx, struct hm_str text);

/* --- the rows --- */
bool advisory_vex_is_openvex(struct json doc);
bool advisory_vex_is_csaf(struct json doc);
bool advisory_vex_is_cyclonedx(struct json doc);
HM_MUST hm_err advisory_vex_openvex(struct hm_cx *cx, struct json doc, struct advisory_vex *v,
				    struct vex_document *d);
HM_MUST hm_err advisory_vex_csaf(struct hm_cx *cx, struct json doc, struct advisory_vex *v,
				 struct vex_document *d);
HM_MUST hm_err advisory_vex_cyclonedx(struct hm_cx *cx, struct json doc, struct advisory_vex *v,
				      struct vex_document *d);
void advisory_vex_openvex_write(struct hm_cx *cx, const struct advisory_vex_draft *draft,
				struct json_out *o);
void advisory_vex_csaf_write(struct hm_cx *cx, const struct advisory_vex_draft *draft,
			     struct json_out *o);
void advisory_vex_cyclonedx_write(struct hm_cx *cx, const struct advisory_vex_draft *draft,
				  struct json_out *o);

/* --- what the writers share --- */

/* "libssl3 3.0.11-1" for a purl; any other name is itself. */
struct hm_str advisory_vex_title(struct hm_cx *cx, struct hm_str name);
static inline int64_t advisory_vex_when(const struct advisory_vex_draft *d,
					const struct advisory_vex_claim *c)
{
	return c->when ? c->when : d->when;
}
bool advisory_vex_is_cve(struct hm_str id);
/* Who gives such ids: "GHSA" of "GHSA-1-2-3". */
struct hm_str advisory_vex_system(struct hm_str id);
/* All products of a draft, each once; and where one of them is in it. */
void advisory_vex_products(struct hm_cx *cx, const struct advisory_vex_draft *draft,
			   struct hm_strs *out);

#endif
