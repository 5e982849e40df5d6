/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/registry/registry.h"

/* What the reference stands for, and whether the request's preconditions hold: nobody else changes
 * that meanwhile. */
static hm_err check_reference(struct hm_cx *cx, const struct registry_rows *rows,
			      struct registry_change *c)
{
	struct registry_entry e;
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, rows->r->tables, STORE_READ, &use));
	HM_TRY(oci_registry_find_rows(cx, use, rows->s.id, c->reference, &e, &c->was_there));
	struct http_state now = { .exists = c->was_there,
				  .etag = oci_registry_etag(cx, e.d.digest) };
	/* what is not there cannot be deleted, whatever the preconditions (RFC 9110, 13.2.1) */
	c->refused =
		c->x && (c->put || now.exists) && http_exchange_condition(c->x, &now) != HTTP_GO_ON;
	return NULL;
}

static hm_err put_rows(struct hm_cx *cx, struct registry_rows *rows,
		       const struct registry_change *c, const struct registry_entry *e)
{
	HM_TRY(oci_registry_add_manifest(cx, rows, e));
	if (!c->tags.n)
		return oci_registry_put_entry(cx, rows, c->put, HM_STR(""));
	for (size_t i = 0; i < c->tags.n; i++)
		HM_TRY(oci_registry_put_entry(cx, rows, c->put, c->tags.p[i]));
	return NULL;
}

static bool is_digest(struct hm_str reference)
{
	return hm_find_char(reference, ':') != SIZE_MAX;
}

static hm_err save_count(struct hm_cx *cx, const struct registry_rows *rows)
{
	return store_run(cx, rows->use,
			 "UPDATE repository SET generation = $1, entries = $2, bytes = $3 "
			 "WHERE id = $4",
			 STORE_VALUES(store_int(rows->s.generation), store_int(rows->s.entries),
				      store_int(rows->s.bytes), store_int(rows->s.id)),
			 NULL, NULL);
}

/* A manifest and its row come and go together, so that a put and a delete at the same time do not
 * leave a row without its manifest. A kill between the two leaves a manifest that is not listed. */
static hm_err change_rows(struct hm_cx *cx, struct registry_rows *rows, struct registry_change *c)
{
	struct registry_entry e = { 0 };
	HM_TRY(check_reference(cx, rows, c));
	if (c->refused || (!c->put && !c->was_there))
		return NULL;
	if (c->put) {
		e.d = *c->put;
		HM_TRY(oci_registry_blob_add(cx, rows->r, c->name, e.d.digest, c->file));
		oci_registry_read_facts(cx, rows->r, c->name, &e);
	}
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, rows->r->tables, STORE_WRITE, &use));
	rows->use = use;
	rows->s.generation++;
	if (c->put)
		HM_TRY(put_rows(cx, rows, c, &e));
	else if (is_digest(c->reference))
		HM_TRY(oci_registry_remove_manifest(cx, rows, c->reference));
	else
		HM_TRY(oci_registry_remove_tag(cx, rows, c->reference));
	HM_TRY(save_count(cx, rows));
	return store_commit(cx, use);
}

/* `changing` is held. */
static hm_err change_repository(struct hm_cx *cx, struct oci_registry *r,
				struct registry_repo *repo, struct registry_change *c)
{
	bool there, gone;
	HM_TRY(oci_registry_repo_renew(cx, r, repo, &there));
	if (!there)
		return c->put ? hm_fail(cx, HM_BUSY, "the repository was just removed") : NULL;
	struct registry_rows rows = { .r = r,
				      .name = repo->name,
				      .s = oci_registry_state(r, repo) };
	int64_t before = rows.s.generation;
	HM_TRY(change_rows(cx, &rows, c));
	if (rows.s.generation == before)
		return NULL;
	pthread_mutex_lock(&r->lock);
	repo->state.generation = rows.s.generation;
	repo->state.entries = rows.s.entries;
	repo->state.bytes = rows.s.bytes;
	pthread_mutex_unlock(&r->lock);
	oci_registry_keep(r, repo);
	/* last: the tables and index.json do not list what is not there */
	if (!c->put && is_digest(c->reference))
		return oci_registry_blob_remove(cx, r, c->name, c->reference, &gone);
	return NULL;
}

hm_err oci_registry_repo_change(struct hm_cx *cx, struct oci_registry *r, struct registry_change *c)
{
	int64_t stamp[3];
	c->was_there = c->refused = false;
	if (c->put)
		HM_TRY(oci_registry_repo_make(cx, r, c->name));
	else if (!oci_registry_stamp(r, c->name, stamp))
		return NULL;
	struct registry_repo *repo = oci_registry_repo_of(r, c->name);
	pthread_mutex_lock(&repo->changing);
	hm_err err = change_repository(cx, r, repo, c);
	pthread_mutex_unlock(&repo->changing);
	return err;
}

static hm_err drop_blob(struct hm_cx *cx, struct oci_registry *r, struct registry_repo *repo,
			struct hm_str digest, bool *out_was_there, bool *out_listed)
{
	struct registry_entry e;
	HM_TRY(oci_registry_repo_renew(cx, r, repo, out_listed));
	if (*out_listed) {
		STORE_AUTO_USE use = NULL;
		HM_TRY(store_begin(cx, r->tables, STORE_READ, &use));
		HM_TRY(oci_registry_find_rows(cx, use, oci_registry_state(r, repo).id, digest, &e,
					      out_listed));
	}
	return *out_listed ? NULL
			   : oci_registry_blob_remove(cx, r, repo->name, digest, out_was_there);
}

hm_err oci_registry_repo_drop_blob(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
				   struct hm_str digest, bool *out_was_there, bool *out_listed)
{
	*out_was_there = *out_listed = false;
	if (!hm_exists(oci_registry_repo_path(cx, r, name)))
		return NULL;
	struct registry_repo *repo = oci_registry_repo_of(r, name);
	pthread_mutex_lock(&repo->changing);
	hm_err err = drop_blob(cx, r, repo, digest, out_was_there, out_listed);
	pthread_mutex_unlock(&repo->changing);
	return err;
}
