/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/blob.h"
#include "cli/signer.h"
#include "cli/subject.h"
#include "cli/timestamping.h"

struct blob_sign {
	const char *expiry, *folder, *media_type, *format;
	bool force;
	struct hm_strs keys, metadata;
	struct cli_timestamping timestamping;
	struct cli_plugin_key plugin;
};

/* A signature that is made, and where it goes. */
struct blob_signature {
	const char *key, *path;
	struct trust_sealed made;
};

/* FOLDER/NAME.jws.sig, of several keys FOLDER/NAME.KEY.jws.sig; the folder is the blob's own where
 * none is given. */
static const char *name_signature(struct hm_cx *cx, const struct blob_sign *o, const char *blob,
				  const char *key, const struct envelope_format *format)
{
	struct hm_str name = cli_base_name(blob), whole = hm_cstr(blob);
	struct hm_str file = o->keys.n > 1
				     ? hm_fmt(cx, "%.*s.%s.%s.sig", HM_FMT(name), key, format->name)
				     : hm_fmt(cx, "%.*s.%s.sig", HM_FMT(name), format->name);
	if (o->folder)
		return hm_path(cx, o->folder, file.p);
	return hm_fmt(cx, "%.*s%.*s", HM_FMT(hm_sub(whole, 0, whole.n - name.n)), HM_FMT(file)).p;
}

/* HM_USAGE: there is a signature that would be lost. */
static hm_err check_free(struct hm_cx *cx, const struct blob_sign *o, const char *path)
{
	if (!o->force && hm_exists(path))
		return hm_fail(cx, HM_USAGE, "\"%s\" exists already; --force replaces it", path);
	return NULL;
}

/* One for each key that is named, or for the default one; each has a place of its own. */
static hm_err plan_signatures(struct hm_cx *cx, const struct blob_sign *o, const char *file,
			      const struct envelope_format *format, struct blob_signature *s,
			      size_t n)
{
	for (size_t i = 0; i < n; i++) {
		s[i].key = o->keys.n ? hm_dupz(cx, o->keys.p[i]) : NULL;
		for (size_t k = 0; k < i; k++)
			if (strcmp(s[k].key, s[i].key) == 0)
				return hm_fail(cx, HM_USAGE, "--key \"%s\" is given twice",
					       s[i].key);
		if (n > 1 && strchr(s[i].key, '/'))
			return hm_fail(cx, HM_USAGE, "--key \"%s\" cannot be part of a file's name",
				       s[i].key);
		s[i].path = name_signature(cx, o, file, s[i].key, format);
		HM_TRY(check_free(cx, o, s[i].path));
	}
	return NULL;
}

static hm_err sign_file(struct hm_cx *cx, struct cli *cli, const struct blob_sign *o,
			const char *file, const struct trust_sign_options *options,
			struct blob_signature *s)
{
	TRUST_AUTO_SIGNER signer = { 0 };
	CLI_AUTO_BLOB blob = CLI_NO_BLOB;
	HM_TRY(cli_signer_choose(cx, cli, s->key, &o->plugin, &signer));
	cli->fresh = false; /* the file may be anybody's */
	HM_TRY(cli_refuse(cli, trust_blob_policy_signs(cx, cli->config_dir,
						       &(struct trust_signers){ &signer, 1 })));
	HM_TRY(cli_blob_open(cx, file, &blob));
	blob.media_type = hm_cstr(o->media_type ? o->media_type : "application/octet-stream");
	HM_TRY_IN(cx, cli_refuse(cli, trust_blob_sign(cx, &blob, &signer, options, &s->made)),
		  "\"%s\"", file);
	return NULL;
}

/* All are made before the first is written. */
static hm_err sign_by_all(struct hm_cx *cx, struct cli *cli, const struct blob_sign *o,
			  const char *file, const struct trust_sign_options *options)
{
	size_t n = o->keys.n ? o->keys.n : 1;
	struct blob_signature *s = hm_new(cx, struct blob_signature, n);
	struct hm_str said = hm_fmt(cx, "Successfully signed %s\n", file);
	HM_TRY(plan_signatures(cx, o, file, options->format, s, n));
	cli->fresh = true;
	for (size_t i = 0; i < n; i++)
		HM_TRY(sign_file(cx, cli, o, file, options, &s[i]));
	if (o->folder)
		HM_TRY(hm_mkdirs(cx, o->folder, 0777));
	for (size_t i = 0; i < n; i++) {
		HM_TRY(hm_output_write(cx, s[i].path, s[i].made.bytes, 0644));
		said = hm_fmt(cx, "%.*sSignature file written to %s\n", HM_FMT(said), s[i].path);
	}
	return cli_print(cx, said);
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct blob_sign *o = opts;
	CLI_AUTO_TIMESTAMPING timestamping = { 0 };
	struct trust_sign_options options = { .timestamping = &timestamping };
	const struct oci_access *access;
	(void)args_n;
	HM_TRY(cli_metadata(cx, &o->metadata, &options.user_metadata));
	HM_TRY(cli_expiry(cx, o->expiry, &options.expiry_seconds));
	HM_TRY(cli_signature_format(cx, cli, o->format, &options.format));
	HM_TRY(cli_timestamping_read(cx, &o->timestamping, &timestamping));
	if (timestamping.url.n) {
		HM_TRY(cli_access(cx, cli, &access));
		timestamping.http = access->http;
	}
	return sign_by_all(cx, cli, o, args[0], &options);
}

extern const struct cli_command cli_blob_sign;
const struct cli_command cli_blob_sign = {
	.name = "blob sign",
	.group = "Trust",
	.args = "FILE",
	.help = "sign a file and write the signature beside it",
	.about =
		"Signs a file, whatever it holds, as the Notary Project specifies for blobs: an envelope over\n"
		"its media type, digest and size, which is written to FILE.jws.sig or FILE.cose.sig. The\n"
		"digest's algorithm follows from the key, as that of the signature does (of ML-DSA and SLH-DSA\n"
		"it is SHA-512). Of several keys each makes a signature of its own, FILE.KEY.jws.sig, for a\n"
		"policy that demands them all; all are made before the first is written. The file is read in\n"
		"pieces, once for each key.\n"
		"A plugin signs files if it has SIGNATURE_GENERATOR.RAW or SIGNATURE_GENERATOR.ENVELOPE_FOR_BLOB\n"
		"(see `hullmark plugin list`). If it is throttled or times out it is run again, four times at most.\n"
		"An algorithm that the global statement of the trust policy for blobs only verifies or forbids\n"
		"is not signed with. Timestamps and exit status are as `hullmark sign` has them.",
	.examples =
		"  $ hullmark blob sign model.safetensors\n"
		"  $ hullmark blob sign dist/app.zip --output signatures --media-type application/zip \\\n"
		"      --key release --user-metadata build=42 --expiry 720h",
	.opts_size = sizeof(struct blob_sign),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(blob_sign, expiry, "expiry", CLI_TEXT, 'e', "DURATION", "how long the signature holds, such as 720h"),
		CLI_OPT(blob_sign, force, "force", CLI_FLAG, 0, NULL, "replace the signature that is there"),
		CLI_PLUGIN_ID(blob_sign, plugin),
		CLI_OPT(blob_sign, keys, "key", CLI_LIST, 'k', "NAME", "signing key, or several of them; the default key if not given"),
		CLI_OPT(blob_sign, media_type, "media-type", CLI_TEXT, 0, "TYPE", "what the file is; application/octet-stream if not given"),
		CLI_OPT(blob_sign, folder, "output", CLI_TEXT, 0, "DIR", "where the signature goes, a folder that is made if need be; the file's own if not given"),
		CLI_PLUGIN(blob_sign, plugin),
		CLI_PLUGIN_CONFIG(blob_sign, plugin),
		CLI_OPT(blob_sign, folder, "signature-directory", CLI_TEXT, 0, "DIR", "the same as --output"),
		CLI_OPT(blob_sign, format, "signature-format", CLI_TEXT, 0, "FORMAT", "jws or cose; if not given what config.json says, else jws"),
		CLI_TIMESTAMP_ROOT(blob_sign, timestamping),
		CLI_TIMESTAMP_TIMEOUT(blob_sign, timestamping),
		CLI_TIMESTAMP_URL(blob_sign, timestamping),
		CLI_OPT(blob_sign, metadata, "user-metadata", CLI_LIST, 'm', "KEY=VALUE", "put this into what is signed"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
