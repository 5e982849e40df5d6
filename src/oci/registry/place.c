/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A repository as a place, for others in the same program: what the tables list is there at once,
 * which index.json may have later, and nobody is asked over the network.
 */
#include "oci/registry/registry.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { PLACE_PAGE = 1000 };

struct registry_place {
	struct oci_place place;
	struct oci_registry *registry;
};

static struct oci_registry *registry_of(struct oci_place *p)
{
	return ((struct registry_place *)p)->registry;
}

static hm_err resolve(struct hm_cx *cx, struct oci_place *p, struct hm_str reference,
		      struct oci_descriptor *out)
{
	struct registry_found found;
	HM_TRY(oci_registry_find(cx, registry_of(p), p->target.repository, reference, &found));
	if (!found.there)
		return hm_fail(cx, HM_ABSENT, "the registry has no \"%.*s\"", HM_FMT(reference));
	*out = found.e.d;
	return NULL;
}

static hm_err open_blob(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			struct extent *out)
{
	enum crypto_digest alg;
	struct hm_str hex;
	struct stat sb;
	HM_TRY(oci_digest_parse(cx, d->digest, &alg, &hex));
	const char *path =
		oci_registry_blob_path(cx, registry_of(p), p->target.repository, d->digest);
	HM_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return hm_fail(cx, HM_ABSENT, "the registry has no \"%.*s\"", HM_FMT(d->digest));
	if (fd < 0 || fstat(fd, &sb) < 0)
		return hm_fail_os(cx, "could not open \"%s\"", path);
	if (!S_ISREG(sb.st_mode) || (uint64_t)sb.st_size != d->size)
		return hm_fail(cx, HM_TRUST, "\"%.*s\" does not have the %llu bytes announced",
			       HM_FMT(d->digest), (unsigned long long)d->size);
	*out = (struct extent){
		.fd = hm_move_fd(fd), .owned = true, .size = d->size, .name = path
	};
	return NULL;
}

static hm_err exists(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		     bool *out)
{
	EXTENT_AUTO e = { .fd = -1 };
	hm_err err = open_blob(cx, p, d, &e);
	*out = !err;
	return err && err->code != HM_ABSENT && err->code != HM_TRUST ? err : NULL;
}

static hm_err list_referrers(struct hm_cx *cx, struct oci_place *p,
			     const struct oci_descriptor *subject, struct hm_str artifact_type,
			     struct place_referrers *out)
{
	struct oci_registry *r = registry_of(p);
	struct registry_repo *repo;
	struct registry_page page = { .subject = subject->digest,
				      .type = artifact_type,
				      .last = HM_STR(""),
				      .most = PLACE_PAGE };
	HM_TRY(oci_registry_repo_get(cx, r, p->target.repository, &repo));
	for (bool more = repo != NULL; more;) {
		size_t before = page.n;
		HM_TRY(hm_alive(cx));
		HM_TRY(oci_registry_list_referrers(cx, r, repo, &page));
		more = page.n - before == page.most;
		if (page.n > HM_MAX_REFERRERS)
			return hm_fail(cx, HM_LIMIT, "more than %llu referrers",
				       (unsigned long long)HM_MAX_REFERRERS);
		if (page.n)
			page.last = page.p[page.n - 1].d.digest;
	}
	for (size_t i = 0; i < page.n; i++)
		*hm_push(cx, out) = oci_registry_referrer(cx, r, p->target.repository, &page.p[i]);
	return NULL;
}

static hm_err list_tags(struct hm_cx *cx, struct oci_place *p, struct hm_strs *out)
{
	struct oci_registry *r = registry_of(p);
	struct registry_repo *repo;
	HM_TRY(oci_registry_repo_get(cx, r, p->target.repository, &repo));
	/* one more than there may be: who asks says that it is too many */
	return repo ? oci_registry_list_tags(cx, r, repo, HM_STR(""), HM_MAX_TAGS + 1, out) : NULL;
}

static hm_err list_untagged(struct hm_cx *cx, struct oci_place *p, struct place_referrers *out)
{
	struct oci_registry *r = registry_of(p);
	struct registry_repo *repo;
	struct registry_page page = { .most = HM_MAX_TAGS };
	HM_TRY(oci_registry_repo_get(cx, r, p->target.repository, &repo));
	if (repo)
		HM_TRY(oci_registry_list_untagged(cx, r, repo, &page));
	for (size_t i = 0; i < page.n; i++)
		*hm_push(cx, out) = page.p[i].d;
	return NULL;
}

static const struct oci_ops registry_ops = {
	.what = "registry",
	.resolve = resolve,
	.open = open_blob,
	.exists = exists,
	.referrers = list_referrers,
	.tags = list_tags,
	.untagged = list_untagged,
};

hm_err oci_registry_place(struct hm_cx *cx, struct oci_registry *r, struct hm_str called,
			  struct hm_str name, struct oci_place **out)
{
	struct oci_target t = { .kind = OCI_REGISTRY, .repository = name };
	int64_t stamp[3];
	if (!oci_registry_name_is_valid(name))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" cannot be a repository", HM_FMT(name));
	HM_TRY(oci_registry_parse(cx, called, &t.registry, &t.address));
	t.text = hm_fmt(cx, "%.*s/%.*s", HM_FMT(t.registry), HM_FMT(name));
	if (!oci_registry_stamp(r, name, stamp))
		return hm_fail(cx, HM_ABSENT, "there is no repository \"%.*s\"", HM_FMT(name));
	struct registry_place *p = oci_place_new(&t, &registry_ops, OCI_READ, sizeof(*p));
	p->registry = r;
	*out = &p->place;
	return NULL;
}
