/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/remote/remote.h"

static const struct oci_ops remote_ops = {
	.what = "registry",
	.far = true,
	.resolve = oci_remote_resolve,
	.resolve_whole = oci_remote_resolve_whole,
	.fetch = oci_remote_fetch,
	.exists = oci_remote_exists,
	.referrers = oci_remote_referrers,
	.tags = oci_remote_tags,
	.push_blob = oci_remote_push_blob,
	.push_manifest = oci_remote_push_manifest,
	.replace = oci_remote_replace,
	.tag = oci_remote_tag,
	.remove = oci_remote_remove,
	.mount = oci_remote_mount,
	.close = oci_remote_close,
};

hm_err oci_remote_open(struct hm_cx *cx, const struct oci_access *access,
		       const struct oci_target *t, enum oci_mode mode, struct oci_place **out)
{
	struct remote *r;
	HM_TRY(oci_remote_new(cx, access, &remote_ops, t, mode, &r));
	*out = &r->place;
	return NULL;
}

hm_err oci_login_check(struct hm_cx *cx, const struct oci_access *a, struct hm_str registry,
		       const struct oci_credential *c)
{
	struct oci_target t = { .kind = OCI_REGISTRY };
	struct remote *r;
	struct http_response answer;
	HM_TRY(oci_registry_parse(cx, registry, &t.registry, &t.address));
	t.registry = registry;
	HM_TRY(oci_remote_new(cx, a, &remote_ops, &t, OCI_READ, &r));
	r->credential = (struct oci_credential){
		.username = c->username,
		.password = hm_secret_of(hm_secret_str(&c->password)),
		.identity_token = hm_secret_of(hm_secret_str(&c->identity_token)),
	};
	r->has_credential = true;
	r->is_other = true; /* what another host thinks of another credential proves nothing */
	struct remote_request q = { .method = "GET",
				    .url = hm_fmt(cx, "%.*s/v2/", HM_FMT(remote_base(r))),
				    .max_body = HM_MIB };
	hm_err err = oci_remote_send(cx, r, &q, &answer);
	if (!err && answer.status != 200)
		err = oci_remote_fault(cx, r, &answer);
	oci_close(&r->place);
	return err;
}
