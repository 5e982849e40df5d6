/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/registry/registry.h"

static hm_err load_state(struct hm_cx *cx, struct oci_registry *r, struct registry_repo *repo)
{
	struct registry_state s;
	if (repo->loaded) /* who sets it holds `changing`, too */
		return NULL;
	HM_TRY(oci_registry_load_state(cx, r, repo->name, &s));
	pthread_mutex_lock(&r->lock);
	repo->state = s;
	repo->loaded = true;
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* Does its index.json look as it did when the rows were made? */
static bool is_current(struct oci_registry *r, struct registry_repo *repo, const int64_t stamp[3])
{
	pthread_mutex_lock(&r->lock);
	bool is = repo->loaded && repo->state.id &&
		  memcmp(stamp, repo->state.stamp, sizeof(repo->state.stamp)) == 0;
	pthread_mutex_unlock(&r->lock);
	return is;
}

hm_err oci_registry_repo_renew(struct hm_cx *cx, struct oci_registry *r, struct registry_repo *repo,
			       bool *out_there)
{
	int64_t stamp[3];
	hm_err err = NULL;
	HM_TRY(load_state(cx, r, repo));
	*out_there = oci_registry_stamp(r, repo->name, stamp);
	if (!*out_there || is_current(r, repo, stamp))
		return NULL;
	/* it may just be written by the keeper, who then says so */
	pthread_mutex_lock(&repo->filing);
	*out_there = oci_registry_stamp(r, repo->name, stamp);
	if (*out_there && !is_current(r, repo, stamp))
		err = oci_registry_read_index(cx, r, repo);
	pthread_mutex_unlock(&repo->filing);
	if (err && err->code == HM_ABSENT) {
		*out_there = false;
		err = NULL;
	}
	return err;
}

hm_err oci_registry_repo_get(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
			     struct registry_repo **out)
{
	int64_t stamp[3];
	bool there = true;
	hm_err err = NULL;
	*out = NULL;
	/* names that nobody has are not kept */
	if (!oci_registry_stamp(r, name, stamp))
		return NULL;
	struct registry_repo *repo = oci_registry_repo_of(r, name);
	if (!is_current(r, repo, stamp)) {
		pthread_mutex_lock(&repo->changing);
		err = oci_registry_repo_renew(cx, r, repo, &there);
		pthread_mutex_unlock(&repo->changing);
	}
	if (!err && there)
		*out = repo;
	return err;
}

/* --- one manifest --- */

static struct registry_seen *seen_slot(struct oci_registry *r, const struct registry_repo *repo,
				       struct hm_str reference)
{
	uint64_t h = hm_hash(reference) ^ hm_hash(repo->name);
	return &r->seen[h % HM_LEN(r->seen)];
}

static bool keep_text(char *to, size_t room, struct hm_str s)
{
	if (s.n >= room || memchr(s.p, 0, s.n))
		return false;
	memcpy(to, s.p, s.n);
	to[s.n] = '\0';
	return true;
}

/* `generation`: the count before the tables were asked. */
static void keep_seen(struct oci_registry *r, const struct registry_repo *repo, int64_t generation,
		      struct hm_str reference, const struct oci_descriptor *d)
{
	struct registry_seen new = { .repo = repo, .generation = generation };
	if (!keep_text(new.reference, sizeof(new.reference), reference) ||
	    !keep_text(new.digest, sizeof(new.digest), d->digest) ||
	    !keep_text(new.media_type, sizeof(new.media_type), d->media_type))
		return;
	pthread_mutex_lock(&r->kept_lock);
	*seen_slot(r, repo, reference) = new;
	pthread_mutex_unlock(&r->kept_lock);
}

bool oci_registry_find_fast(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
			    struct hm_str reference, struct registry_entry *out)
{
	int64_t stamp[3];
	pthread_mutex_lock(&r->lock);
	struct registry_repo *repo = hm_map_get(&r->repos, name);
	struct registry_state s = repo ? repo->state : (struct registry_state){ 0 };
	pthread_mutex_unlock(&r->lock);
	if (!repo || !s.id || !oci_registry_stamp(r, name, stamp) ||
	    memcmp(stamp, s.stamp, sizeof(stamp)) != 0)
		return false;
	pthread_mutex_lock(&r->kept_lock);
	const struct registry_seen *seen = seen_slot(r, repo, reference);
	bool hit = seen->repo == repo && seen->generation == s.generation &&
		   hm_eqz(reference, seen->reference);
	if (hit)
		*out = (struct registry_entry){
			.d = { .digest = hm_dup(cx, hm_cstr(seen->digest)),
			       .media_type = hm_dup(cx, hm_cstr(seen->media_type)) }
		};
	pthread_mutex_unlock(&r->kept_lock);
	return hit;
}

hm_err oci_registry_find(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
			 struct hm_str reference, struct registry_found *out)
{
	struct registry_repo *repo;
	*out = (struct registry_found){ 0 };
	HM_TRY(oci_registry_repo_get(cx, r, name, &repo));
	out->repo = repo != NULL;
	if (!repo)
		return NULL;
	struct registry_state s = oci_registry_state(r, repo);
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, r->tables, STORE_READ, &use));
	HM_TRY(oci_registry_find_rows(cx, use, s.id, reference, &out->e, &out->there));
	if (out->there)
		keep_seen(r, repo, s.generation, reference, &out->e.d);
	return NULL;
}

/* --- lists --- */

static hm_err read_name(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	*hm_push(cx, (struct hm_strs *)arg) = hm_dup(cx, row[0].text);
	return NULL;
}

hm_err oci_registry_list_tags(struct hm_cx *cx, struct oci_registry *r,
			      const struct registry_repo *repo, struct hm_str last, uint64_t n,
			      struct hm_strs *out)
{
	struct registry_state s = oci_registry_state(r, repo);
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, r->tables, STORE_READ, &use));
	return store_run(cx, use,
			 "SELECT DISTINCT name FROM entry WHERE repository = $1 AND name > $2 "
			 "AND name <> '' AND is_tag = 1 ORDER BY name LIMIT $3",
			 STORE_VALUES(store_int(s.id), store_text(last), store_int((int64_t)n)),
			 read_name, out);
}

static hm_err read_referrer(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct registry_page *page = arg;
	struct json doc;
	struct registry_entry *e = hm_push(cx, page);
	*e = (struct registry_entry){ .d = { .digest = hm_dup(cx, row[0].text),
					     .media_type = hm_dup(cx, row[1].text),
					     .size = (uint64_t)row[2].number,
					     .artifact_type = hm_dup(cx, row[3].text) },
				      .bulky = row[4].kind == STORE_NULL };
	if (!row[4].text.n)
		return NULL;
	HM_TRY(json_parse(cx, row[4].text, JSON_PLAIN, &doc));
	return oci_annotations_parse(cx, json_get(doc, "annotations"), &e->d.annotations);
}

hm_err oci_registry_list_referrers(struct hm_cx *cx, struct oci_registry *r,
				   const struct registry_repo *repo, struct registry_page *page)
{
	struct registry_state s = oci_registry_state(r, repo);
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, r->tables, STORE_READ, &use));
	return store_run(
		cx, use,
		page->type.n
			? "SELECT digest, media_type, size, artifact_type, annotations FROM manifest "
			  "WHERE repository = $1 AND subject = $2 AND subject <> '' AND digest > $3 "
			  "AND artifact_type = $4 ORDER BY digest LIMIT $5"
			: "SELECT digest, media_type, size, artifact_type, annotations FROM manifest "
			  "WHERE repository = $1 AND subject = $2 AND subject <> '' AND digest > $3 "
			  "AND $4 = '' ORDER BY digest LIMIT $5",
		STORE_VALUES(store_int(s.id), store_text(page->subject), store_text(page->last),
			     store_text(page->type), store_int((int64_t)page->most)),
		read_referrer, page);
}

hm_err oci_registry_list_untagged(struct hm_cx *cx, struct oci_registry *r,
				  const struct registry_repo *repo, struct registry_page *page)
{
	struct registry_state s = oci_registry_state(r, repo);
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, r->tables, STORE_READ, &use));
	return store_run(cx, use,
			 "SELECT digest, media_type, size, artifact_type, '' FROM manifest "
			 "WHERE repository = $1 AND NOT EXISTS (SELECT 1 FROM entry "
			 "WHERE entry.repository = manifest.repository "
			 "AND entry.digest = manifest.digest AND entry.is_tag = 1 "
			 "AND entry.name <> '') ORDER BY digest LIMIT $2",
			 STORE_VALUES(store_int(s.id), store_int((int64_t)page->most)),
			 read_referrer, page);
}

struct oci_descriptor oci_registry_referrer(struct hm_cx *cx, struct oci_registry *r,
					    struct hm_str name, const struct registry_entry *e)
{
	struct hm_str bytes;
	struct oci_manifest m;
	struct oci_descriptor d = e->d;
	if (e->bulky &&
	    !hm_read_file(cx, oci_registry_blob_path(cx, r, name, d.digest), HM_MAX_MANIFEST,
			  &bytes) &&
	    !oci_manifest_parse(cx, bytes, d.media_type, &m))
		d.annotations = m.annotations;
	return d;
}
