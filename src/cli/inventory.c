/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

static hm_err of_image(struct hm_cx *cx, struct cli *cli, const struct oci_target *t,
		       const struct inventory_options *o, struct inventory *out)
{
	const struct oci_access *access;
	OCI_AUTO_PLACE place = NULL;
	struct oci_descriptor root, image;
	struct oci_manifest manifest;
	HM_TRY(cli_secret_for(cx, cli, t));
	HM_TRY(cli_access(cx, cli, &access));
	HM_TRY(oci_open(cx, access, t, OCI_READ, &place));
	HM_TRY(oci_resolve(cx, place, HM_STR(""), &root));
	HM_TRY(oci_image(cx, place, &root, o->platform, &image, &manifest));
	HM_TRY(inventory_of_image(cx, place, &image, o, out));
	if (!hm_eq(root.digest, image.digest))
		out->index = hm_dup(cx, root.digest);
	return NULL;
}

hm_err cli_inventory(struct hm_cx *cx, struct cli *cli, const char *target, const char *platform,
		     bool no_cache, struct inventory *out)
{
	struct oci_target t;
	struct oci_platform wanted;
	struct hm_str bytes;
	struct inventory_options o = { .cache_dir = no_cache ? NULL : cli_layer_cache(cx),
				       .progress = !cli->quiet };
	HM_TRY(oci_target_parse(cx, hm_cstr(target), &t));
	if (platform) {
		HM_TRY_IN(cx, oci_platform_parse(cx, hm_cstr(platform), &wanted), "--platform");
		o.platform = &wanted;
	}
	switch (t.kind) {
	case OCI_DIR:
		HM_TRY_IN(cx, inventory_of_dir(cx, hm_dupz(cx, t.path), &o, out), "\"%s\"", target);
		break;
	case OCI_SBOM:
		HM_TRY(hm_read_file(cx, hm_dupz(cx, t.path), HM_MAX_JSON, &bytes));
		HM_TRY_IN(cx, inventory_of_sbom(cx, bytes, out), "\"%s\"", target);
		break;
	case OCI_FILE:
		HM_TRY_IN(cx, inventory_of_file(cx, hm_dupz(cx, t.path), &o, out), "\"%s\"",
			  target);
		break;
	case OCI_REGISTRY:
	case OCI_LAYOUT:
	case OCI_ARCHIVE:
	case OCI_DOCKER_ARCHIVE:
		HM_TRY_IN(cx, of_image(cx, cli, &t, &o, out), "\"%s\"", target);
		break;
	}
	out->target = hm_cstr(target);
	return NULL;
}
