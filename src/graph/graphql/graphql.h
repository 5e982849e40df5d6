/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graphql.h - inside graph/: GUAC's GraphQL over the tables.
 *
 * The schema is tables: what can be searched (search_table.c), and the other types, fields and
 * enumerations (types.c). Each request builds it (schema.c), checks the query against it (check.c),
 * and runs it (run.c): a field's function makes its value, which is a scalar, a thing of some type,
 * or a list. Nothing recurses: what is open lies on a stack.
 *
 * Its files, from the ground up: lookup.c, literal.c (arguments as JSON), nouns.c (nouns as trees),
 * match.c (is it what is asked for?), facts.c (rows of facts), page.c, then those that search
 * (search.c, software.c, around.c), fields.c and introspect.c (values of fields), types.c,
 * search_table.c, schema.c, check.c, collect.c, run.c.
 *
 * Sources: GraphQL, October 2021; GUAC's schema (guac, pkg/assembler/graphql/schema), and what its
 * back end in memory answers (pkg/assembler/backends/keyvalue).
 */
#ifndef GRAPH_GRAPHQL_GRAPHQL_H
#define GRAPH_GRAPHQL_GRAPHQL_H

#include "codec/graphql.h"
#include "graph/room.h"

struct gql_run;
struct gql_value;
struct gql_thing;
struct gql_field;

/* --- the schema --- */

enum gql_kind { GQL_SCALAR, GQL_OBJECT, GQL_UNION, GQL_ENUM, GQL_INPUT };

struct gql_type;
/* "[Package!]!": is_needed, is_list, items_needed. Lists of lists are not there. */
struct gql_ref {
	const struct gql_type *type;
	bool is_needed, is_list, items_needed;
};
struct gql_input {
	struct hm_str name, preset; /* preset: "[]"; empty: none */
	struct gql_ref ref;
};
struct gql_inputs {
	struct gql_input *p;
	size_t n, cap;
};

/* One field of one thing, as it is asked for. */
struct gql_call {
	const struct gql_field *field;
	struct json args; /* checked */
};
typedef hm_err gql_value_of(struct gql_run *r, const struct gql_thing *t, const struct gql_call *c,
			    struct gql_value *out);
struct gql_field {
	struct hm_str name;
	struct gql_ref ref;
	struct gql_inputs inputs;
	gql_value_of *value;
	const struct gql_search *search; /* of the fields that search; or NULL */
};
struct gql_fields {
	struct gql_field *p;
	size_t n, cap;
};
struct gql_type {
	struct hm_str name;
	enum gql_kind kind;
	struct gql_fields fields;        /* of objects */
	struct gql_inputs inputs;        /* of input objects */
	struct hm_strs words;            /* values of an enumeration; types of a union */
	const struct gql_search *search; /* of types of facts and of nouns; or NULL */
};
struct gql_directive {
	struct hm_str name, locations; /* "FIELD FRAGMENT_SPREAD" */
	struct gql_inputs inputs;
};
struct gql_schema {
	struct hm_map by_name; /* struct gql_type */
	const struct gql_type *query;
	struct {
		struct gql_directive *p;
		size_t n, cap;
	} directives;
};

/* --- the tables that it is made of --- */

/* What can be searched: nouns of a kind, or facts of a kind. */
struct gql_search {
	const char *type; /* NULL ends the table */
	const char *all, *list, *argument, *spec, *connection, *edge;
	enum graph_noun_kind noun; /* one of the two is none */
	enum graph_fact_kind fact;
	bool since; /* a time that is asked for means: at or after it */
};
extern const struct gql_search graph_gql_searches[];

struct gql_field_row {
	const char *of; /* NULL ends the table; "" : Query */
	const char *name, *type;
	gql_value_of *value;
	const char *arguments; /* "after:ID first:Int"; or NULL */
};
extern const struct gql_field_row graph_gql_fields[];

/* Types without fields: scalars, enumerations, unions; input objects. */
struct gql_type_row {
	const char *name; /* NULL ends the table */
	enum gql_kind kind;
	const char *words; /* "A B"; of input objects "id:ID name:String" */
};
extern const struct gql_type_row graph_gql_types[];

/* --- values --- */

enum gql_value_kind {
	GQL_NULL,
	GQL_TEXT,
	GQL_INT,
	GQL_REAL,
	GQL_BOOL,
	GQL_THING,
	GQL_LIST,
};
struct gql_values {
	struct gql_value *p;
	size_t n, cap;
};
struct gql_value {
	enum gql_value_kind kind;
	struct hm_str text;
	int64_t number;
	double real;
	const struct gql_thing *thing;
	const struct gql_values *list;
};
/* What has fields. */
struct gql_thing {
	const struct gql_type *type;
	const void *of; /* what its fields' functions know: one of the structs below */
};

struct gql_noun {
	int64_t id; /* 0: none */
	enum graph_noun_kind kind;
	struct hm_str key;
};
struct gql_fact {
	int64_t id;
	enum graph_fact_kind kind;
	struct gql_noun subject, object;
	struct hm_str said; /* the detail, as it is kept */
	struct json detail;
	struct hm_str digest, origin, collector; /* of its document */
	int64_t document;
};
struct gql_facts {
	struct gql_fact *p;
	size_t n, cap;
};

/* A part of a noun that is a path: a package is type, namespace, name, version. */
enum gql_level {
	GQL_PKG_TYPE,
	GQL_PKG_NAMESPACE,
	GQL_PKG_NAME,
	GQL_PKG_VERSION,
	GQL_SRC_TYPE,
	GQL_SRC_NAMESPACE,
	GQL_SRC_NAME,
	GQL_VULN_TYPE,
	GQL_VULN_ID,
	GQL_LEVELS
};
struct gql_tree {
	enum gql_level level;
	struct hm_str id, text;
	struct gql_values below; /* things */
	struct hm_str purl, subpath, tag, commit;
	struct hm_strs qualifiers; /* "key=value", decoded */
};

/* A page of a list. */
struct gql_page {
	const struct gql_search *search; /* whose connection it is */
	struct gql_values nodes;
	struct hm_strs cursors;
	size_t total;
	bool has_next;
};
struct gql_edge {
	struct gql_value node;
	struct hm_str cursor;
};

/* --- a run --- */

struct gql_run {
	struct hm_cx *cx;      /* of all of it */
	struct hm_cx *scratch; /* of values: given back when what they are of is written */
	struct store_use *use;
	const struct gql_schema *schema;
	const struct graphql_document *document;
	struct json variables;
	uint64_t fields, lookups;
};

/* --- lookup.c --- */

const struct gql_type *graph_gql_type(const struct gql_schema *s, struct hm_str name);
const struct gql_field *graph_gql_field(const struct gql_type *t, struct hm_str name);
const struct gql_input *graph_gql_input(const struct gql_inputs *list, struct hm_str name);
/* A thing of the named type, which the schema has. */
struct gql_value graph_gql_thing(struct gql_run *r, const char *type, const void *of);
static inline struct gql_value graph_gql_text(struct hm_str text)
{
	return (struct gql_value){ .kind = GQL_TEXT, .text = text };
}
struct gql_value graph_gql_list(const struct gql_values *list);
/* May objects of `t` be where `of` is wanted? */
bool graph_gql_is(const struct gql_type *t, const struct gql_type *of);

/* --- literal.c --- */

/* Arguments of a field or directive as JSON, with the variables in their places, checked against
 * what they should be. HM_INPUT. */
HM_MUST hm_err graph_gql_arguments(struct gql_run *r, uint32_t first,
				   const struct gql_inputs *wanted, struct json *out);
/* Variables of an operation: what is given, and defaults. HM_INPUT: one is missing. */
HM_MUST hm_err graph_gql_variables(struct gql_run *r, uint32_t operation, struct json given);
/* The same arguments, before variables have values? */
bool graph_gql_same_arguments(const struct graphql_document *d, uint32_t a, uint32_t b);

/* --- nouns.c --- */

/* A noun as the thing that it is in the schema. */
hm_err graph_gql_noun(struct gql_run *r, const struct gql_noun *n, struct gql_value *out);
/* Nouns of one kind as few trees as there are types; others one by one. */
hm_err graph_gql_forest(struct gql_run *r, const struct gql_noun *nouns, size_t n,
			struct gql_values *out);
/* Its parts, from type on; NULL: it has none. */
const struct gql_tree *graph_gql_path(struct gql_run *r, const struct gql_noun *n,
				      enum gql_level level);
/* "17", "f17", "t:npm": what an id stands for. */
enum gql_id_kind { GQL_ID_NONE, GQL_ID_NOUN, GQL_ID_FACT, GQL_ID_PART };
struct gql_id {
	enum gql_id_kind kind;
	int64_t number;
	enum gql_level level; /* of a part: GQL_PKG_TYPE, ... */
	struct hm_str text;   /* of a part, behind the colon */
};
struct gql_id graph_gql_id(struct hm_str id);
struct hm_str graph_gql_noun_id(struct gql_run *r, int64_t id);
struct hm_str graph_gql_fact_id(struct gql_run *r, int64_t id);
/* Above a package's name or below it, ...: its id and name at a level. */
hm_err graph_gql_load_noun(struct gql_run *r, int64_t id, struct gql_noun *out);

/* --- match.c --- */

bool graph_gql_noun_matches(struct gql_run *r, const struct gql_noun *n, struct json spec);
/* `t`: the type of the fact. */
bool graph_gql_fact_matches(struct gql_run *r, const struct gql_type *t, const struct gql_fact *f,
			    struct json spec);

/* --- facts.c --- */

struct gql_where {
	enum {
		GQL_BY_ID,
		GQL_BY_KIND,
		GQL_BY_SUBJECT,
		GQL_BY_OBJECT,
		GQL_BY_LINK,
		GQL_BY_DOCUMENT
	} by;
	int64_t number; /* id of the fact, noun or document */
	enum graph_fact_kind kind;
};
/* Calls `each` with facts that are good during the call only. */
HM_MUST hm_err graph_gql_facts(struct gql_run *r, const struct gql_where *where,
			       hm_err (*each)(struct gql_run *r, void *arg,
					      const struct gql_fact *f),
			       void *arg);
/* What an SBOM includes: packages and artifacts of all facts of its document, $1, that GUAC
 * knows of. */
#define GQL_INCLUDED_SOFTWARE                                               \
	"SELECT id, kind, key FROM node WHERE kind IN (2, 4) AND id IN ("   \
	"SELECT subject FROM fact WHERE document = $1 AND kind < 18 UNION " \
	"SELECT object FROM fact WHERE document = $1 AND kind < 18 AND kind <> 3) ORDER BY id"
_Static_assert(GRAPH_PACKAGE == 2 && GRAPH_ARTIFACT == 4 && GRAPH_SIGNED_BY == 18,
	       "as the statement has them");
/* In memory of r->scratch. */
struct gql_fact graph_gql_keep(struct gql_run *r, const struct gql_fact *f);
struct gql_value graph_gql_fact_thing(struct gql_run *r, const struct gql_fact *f);
/* Nouns of a fact in a role. */
HM_MUST hm_err graph_gql_links(struct gql_run *r, int64_t fact, int role, struct gql_values *out);

/* --- search.c, software.c, around.c: fields of Query --- */

/* "t:npm": the part that it stands for, and what is above it. */
HM_MUST hm_err graph_gql_part(struct gql_run *r, struct gql_id id, struct gql_value *out);
gql_value_of graph_gql_all, graph_gql_page;
gql_value_of graph_gql_batch_legal, graph_gql_batch_vuln, graph_gql_batch_subject,
	graph_gql_batch_object;
gql_value_of graph_gql_software, graph_gql_software_page, graph_gql_scan_list, graph_gql_scan_ids;
gql_value_of graph_gql_node, graph_gql_nodes, graph_gql_neighbours, graph_gql_neighbours_page,
	graph_gql_way;

/* --- page.c --- */

/* What belongs on the page that `after` and `first` ask for: called for each in order. */
struct gql_paging {
	struct hm_str after;
	size_t first; /* SIZE_MAX: all */
	bool is_on;   /* `after` has been passed */
	struct gql_page *page;
};
hm_err graph_gql_paging(struct gql_run *r, const struct gql_call *c, struct gql_paging *out);
/* Does it belong there? Then it is to be added. */
bool graph_gql_turn(struct gql_paging *p, struct hm_str cursor);
void graph_gql_add(struct gql_run *r, struct gql_paging *p, struct hm_str cursor,
		   struct gql_value node);
/* The page as a value; `connection`: its type. Null where nothing is on it, as GUAC has it. */
struct gql_value graph_gql_page_value(struct gql_run *r, const struct gql_paging *p,
				      const char *connection, const char *edge);

/* --- schema.c --- */

HM_MUST hm_err graph_gql_schema(struct hm_cx *cx, struct gql_schema *out);

/* --- check.c --- */

/* HM_INPUT: the document is not of the schema; HM_LIMIT: its fragments make it too deep. */
HM_MUST hm_err graph_gql_check(struct gql_run *r);

/* --- collect.c --- */

struct gql_set;
/* What is asked for under one key. */
struct gql_picked {
	struct hm_str key;
	struct gql_call call;
	HM_VEC(uint32_t) nodes;
	HM_VEC(struct gql_set *) sets; /* what is asked for below it, by type */
};
struct gql_set {
	const struct gql_type *type;
	struct gql_picked *p;
	size_t n, cap;
};
/* What is selected of objects of `type` below the nodes; kept in r->cx. */
HM_MUST hm_err graph_gql_collect(struct gql_run *r, const uint32_t *nodes, size_t nodes_n,
				 const struct gql_type *type, struct gql_set **out);

#endif
