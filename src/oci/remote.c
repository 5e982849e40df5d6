/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/place.h"

hm_err remote_open(struct hm_cx *cx, const struct oci_access *access, const struct oci_target *t,
		   enum oci_mode mode, struct oci_place **out)
{
	(void)access, (void)mode, (void)out;
	return hm_fail(cx, HM_USAGE, "\"%.*s\": registries are not reached yet", HM_FMT(t->text));
}
