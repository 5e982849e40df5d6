/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/ops.h"

static hm_err open_kind(struct hm_cx *cx, const struct oci_access *access,
			const struct oci_target *t, enum oci_mode mode, struct oci_place **out)
{
	if (!oci_target_is_place(t))
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not a registry, layout or archive",
			       HM_FMT(t->text));
	if (t->kind == OCI_REGISTRY)
		return oci_remote_open(cx, access, t, mode, out);
	if (t->kind == OCI_LAYOUT)
		return oci_layout_open(cx, t, mode, out);
	if (mode == OCI_WRITE)
		return hm_fail(cx, HM_USAGE, "\"%.*s\": an archive can only be read",
			       HM_FMT(t->text));
	return t->kind == OCI_ARCHIVE ? oci_archive_open(cx, t, out)
				      : oci_docker_archive_open(cx, t, out);
}

hm_err oci_open(struct hm_cx *cx, const struct oci_access *access, const struct oci_target *t,
		enum oci_mode mode, struct oci_place **out)
{
	HM_TRY(open_kind(cx, access, t, mode, out));
	(*out)->at_once = access ? access->concurrency : 0;
	(*out)->record = access && mode == OCI_WRITE ? access->record : NULL;
	return NULL;
}
