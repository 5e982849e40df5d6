/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/registry/registry.h"

#include <sys/stat.h>

enum { PAGE = 1000, REFERRERS_PAGE = 500, NAMES_MAX = 100000 };
enum { REFERRER_BUDGET = 64 * 1024 * 1024 };

/* n= and last= of a list; false: n is no number. */
static bool page_of(struct hm_cx *cx, struct registry_request *q, uint64_t *out_n,
		    struct hm_str *out_last)
{
	struct hm_str n = http_exchange_query(cx, q->x, "n");
	*out_n = PAGE;
	*out_last = http_exchange_query(cx, q->x, "last");
	if (n.n && !hm_u64(n, UINT32_MAX, out_n))
		return false;
	if (*out_n > PAGE)
		*out_n = PAGE;
	return true;
}

/* The names after `last`, `n` of them; *out_more: there are more. */
static void put_names(struct json_out *o, const struct hm_strs *names, uint64_t n,
		      struct hm_str last, struct hm_str *out_end, bool *out_more)
{
	uint64_t put = 0;
	*out_more = false;
	for (size_t i = 0; i < names->n; i++) {
		if (last.n && hm_cmp(names->p[i], last) <= 0)
			continue;
		if (put == n) {
			*out_more = n > 0;
			break;
		}
		json_put_str(o, NULL, names->p[i]);
		*out_end = names->p[i];
		put++;
	}
}

static hm_err bad_page(struct hm_cx *cx, struct registry_request *q)
{
	return oci_registry_error(cx, q, 400, "PAGINATION_NUMBER_INVALID", "n is not a number");
}

hm_err oci_registry_tags(struct hm_cx *cx, struct registry_request *q)
{
	uint64_t n;
	struct hm_str last, end = { "", 0 }, text;
	bool more;
	struct registry_repo *repo;
	struct hm_strs names = { 0 };
	HM_TRY(oci_registry_repo_get(cx, q->r, q->path.name, &repo));
	if (!repo)
		return oci_registry_error(cx, q, 404, "NAME_UNKNOWN",
					  "there is no such repository");
	if (!page_of(cx, q, &n, &last))
		return bad_page(cx, q);
	HM_TRY(oci_registry_list_tags(cx, q->r, repo, last, n + 1, &names));
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	json_put_str(&o, "name", q->path.name);
	json_open(&o, "tags", '[');
	put_names(&o, &names, n, last, &end, &more);
	json_close(&o, ']');
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "the list of tags", &text));
	if (more)
		http_exchange_add_header(
			q->x, "Link",
			hm_fmt(cx, "</v2/%.*s/tags/list?n=%llu&last=%.*s>; rel=\"next\"",
			       HM_FMT(q->path.name), (unsigned long long)n,
			       HM_FMT(http_escape(cx, end))));
	return oci_registry_document(cx, q, "application/json", text);
}

/* What it takes at the most, each byte of text escaped. */
static size_t most_bytes(const struct oci_descriptor *d)
{
	size_t n = 256 + d->media_type.n + d->digest.n + 6 * d->artifact_type.n;
	for (size_t i = 0; i < d->annotations.n; i++)
		n += 8 + 6 * (d->annotations.p[i].key.n + d->annotations.p[i].value.n);
	return n;
}

/* The page's rows, one more than it may have; *out_next: the digest to go on behind, or empty.
 * Clients take no page that is larger than a manifest (distribution-spec, "Listing Referrers"). */
static void put_referrers(struct hm_cx *cx, struct registry_request *q,
			  const struct registry_page *p, struct json_out *o,
			  struct hm_str *out_next)
{
	*out_next = HM_STR("");
	for (size_t i = 0; i < p->n; i++) {
		HM_AUTO_CX one = hm_cx_child(cx, REFERRER_BUDGET);
		struct oci_descriptor d = oci_registry_referrer(&one, q->r, q->path.name, &p->p[i]);
		if (i == REFERRERS_PAGE || (i && o->to->n + most_bytes(&d) > HM_MAX_MANIFEST)) {
			*out_next = p->p[i - 1].d.digest;
			return;
		}
		oci_descriptor_put(&one, o, NULL, &d);
	}
}

hm_err oci_registry_referrers(struct hm_cx *cx, struct registry_request *q)
{
	enum crypto_digest alg;
	struct hm_str hex, text, next;
	struct registry_repo *repo;
	struct registry_page p = { .subject = q->path.reference,
				   .type = http_exchange_query(cx, q->x, "artifactType"),
				   .last = http_exchange_query(cx, q->x, "last"),
				   .most = REFERRERS_PAGE + 1 };
	if (oci_digest_parse(cx, q->path.reference, &alg, &hex))
		return oci_registry_error(cx, q, 400, "DIGEST_INVALID",
					  "the digest is not well-formed");
	HM_TRY(oci_registry_repo_get(cx, q->r, q->path.name, &repo));
	if (repo)
		HM_TRY(oci_registry_list_referrers(cx, q->r, repo, &p));
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	json_put_int(&o, "schemaVersion", 2);
	json_putz(&o, "mediaType", OCI_INDEX);
	json_open(&o, "manifests", '[');
	put_referrers(cx, q, &p, &o, &next);
	json_close(&o, ']');
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "the list of referrers", &text));
	if (p.type.n)
		http_exchange_add_header(q->x, "OCI-Filters-Applied", HM_STR("artifactType"));
	if (next.n)
		http_exchange_add_header(
			q->x, "Link",
			hm_fmt(cx, "</v2/%.*s/referrers/%.*s?%s%.*s%slast=%.*s>; rel=\"next\"",
			       HM_FMT(q->path.name), HM_FMT(q->path.reference),
			       p.type.n ? "artifactType=" : "", HM_FMT(http_escape(cx, p.type)),
			       p.type.n ? "&" : "", HM_FMT(http_escape(cx, next))));
	return oci_registry_document(cx, q, OCI_INDEX, text);
}

/* Folders that are layouts, by their names below repos/; without recursion: a queue it is. */
hm_err oci_registry_list(struct hm_cx *cx, struct oci_registry *r, struct hm_strs *out)
{
	struct hm_strs queue = { 0 };
	struct stat st;
	*hm_push(cx, &queue) = HM_STR("");
	for (size_t i = 0; i < queue.n; i++) {
		struct hm_str name = queue.p[i];
		char *dir = name.n ? oci_registry_repo_path(cx, r, name)
				   : hm_dupz(cx, hm_cstr(r->repos_dir));
		struct hm_strs inside;
		HM_TRY(hm_alive(cx));
		HM_TRY(hm_list_dir(cx, dir, NAMES_MAX, &inside));
		if (hm_strs_has(&inside, HM_STR("oci-layout")))
			*hm_push(cx, out) = name;
		for (size_t k = 0; k < inside.n && queue.n < NAMES_MAX; k++) {
			const char *path = hm_path(cx, dir, inside.p[k].p);
			if (!oci_registry_name_is_valid(inside.p[k]) || lstat(path, &st) < 0 ||
			    !S_ISDIR(st.st_mode))
				continue;
			*hm_push(cx, &queue) =
				name.n ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(name), HM_FMT(inside.p[k]))
				       : inside.p[k];
		}
	}
	hm_strs_sort_unique(out);
	return NULL;
}

hm_err oci_registry_catalog(struct hm_cx *cx, struct registry_request *q)
{
	struct hm_strs names = { 0 };
	struct hm_str last, end = { "", 0 }, text;
	uint64_t n;
	bool more;
	if (!page_of(cx, q, &n, &last))
		return bad_page(cx, q);
	HM_TRY(oci_registry_list(cx, q->r, &names));
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	json_open(&o, "repositories", '[');
	put_names(&o, &names, n, last, &end, &more);
	json_close(&o, ']');
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "the catalog", &text));
	if (more)
		http_exchange_add_header(q->x, "Link",
					 hm_fmt(cx, "</v2/_catalog?n=%llu&last=%.*s>; rel=\"next\"",
						(unsigned long long)n,
						HM_FMT(http_escape(cx, end))));
	return oci_registry_document(cx, q, "application/json", text);
}
