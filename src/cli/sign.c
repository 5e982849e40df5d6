/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/signer.h"
#include "cli/subject.h"
#include "cli/timestamping.h"

struct sign {
	const char *expiry, *format;
	bool referrers_tag;
	struct hm_strs keys, metadata;
	struct cli_timestamping timestamping;
	struct cli_plugin_key plugin;
};

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct sign *o = opts;
	TRUST_AUTO_SIGNERS signers = { 0 };
	CLI_AUTO_SUBJECT s = { 0 };
	CLI_AUTO_TIMESTAMPING timestamping = { 0 };
	struct trust_sign_options options = { .timestamping = &timestamping };
	(void)args_n;
	HM_TRY(cli_metadata(cx, &o->metadata, &options.user_metadata));
	HM_TRY(cli_expiry(cx, o->expiry, &options.expiry_seconds));
	HM_TRY(cli_signature_format(cx, cli, o->format, &options.format));
	HM_TRY(cli_timestamping_read(cx, &o->timestamping, &timestamping));
	HM_TRY(cli_signers_choose(cx, cli, &o->keys, &o->plugin, &signers));
	struct trust_stored *stored = hm_new(cx, struct trust_stored, signers.n);
	cli->access.referrers_tag = o->referrers_tag;
	HM_TRY(cli_subject_open(cx, cli, args[0], OCI_WRITE, false, &s));
	timestamping.http = cli->access.http;
	hm_err err = trust_sign_all(cx, s.place, &s.descriptor, &signers, &options, stored);
	cli->refused = err && err->code == HM_TRUST;
	HM_TRY_IN(cx, err, "\"%.*s\"", HM_FMT(s.name));
	HM_AUTO_BUF said = HM_BUF(HM_MAX_JSON);
	hm_buf_fmt(&said, "Successfully signed %.*s\n", HM_FMT(s.name));
	for (size_t i = 0; i < signers.n; i++)
		hm_buf_fmt(&said, "Pushed the signature to %.*s\n",
			   HM_FMT(oci_target_with_digest(cx, &s.target,
							 stored[i].descriptor.digest)));
	return cli_print(cx, hm_buf_str(&said));
}

extern const struct cli_command cli_sign;
const struct cli_command cli_sign = {
	.name = "sign",
	.group = "Trust",
	.args = "REF",
	.help = "sign an artifact and store the signature beside it",
	.about =
		"Signs what REF names (in a registry, or oci:DIR) as the Notary Project specifies: an\n"
		"envelope, JWS or COSE, over the artifact's media type, digest and size, pushed as its\n"
		"referrer. The algorithm follows from the key: PS256, PS384, PS512, ES256, ES384 or ES512, and\n"
		"beyond what the Notary Project specifies ML-DSA (RFC 9964) and SLH-DSA.\n"
		"\n"
		"With several keys each makes a signature of its own, such as a classical and a post-quantum\n"
		"one; all are made before the first is stored. Notation verifies the classical one and goes on\n"
		"past the other, whose algorithm it does not know.\n"
		"\n"
		"With --timestamp-url a timestamping authority says when it was signed, so that the signature\n"
		"holds when the certificates have expired. Its answer must lead to --timestamp-root-cert, and\n"
		"verifiers need that certificate in a trust store of type \"tsa\".\n"
		"With --plugin and --id a plugin signs, which Notation finds, too (see \"hullmark plugin list\").\n"
		"What it gives is checked before it is stored. One that makes whole envelopes adds its own\n"
		"timestamp, or none.\n"
		"\n"
		"Exit status 3: signing or timestamping is refused, and nothing was stored; 1: it could not be\n"
		"done, because the authority did not answer for instance.",
	.examples =
		"  $ hullmark sign registry.example.com/shop/web@sha256:...\n"
		"  $ hullmark sign oci:build/web:v1 --key release --user-metadata build=42 --expiry 720h\n"
		"  $ hullmark sign oci:build/web:v1 --key release --key release-pq\n"
		"  $ hullmark sign oci:build/web:v1 --timestamp-url http://timestamp.example.com \\\n"
		"      --timestamp-root-cert tsa-root.pem",
	.opts_size = sizeof(struct sign),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(sign, expiry, "expiry", CLI_TEXT, 'e', "DURATION", "how long the signature holds, such as 720h"),
		CLI_OPT(sign, referrers_tag, "force-referrers-tag", CLI_FLAG, 0, NULL, "keep the list of signatures under the fallback tag, whatever the registry can"),
		CLI_PLUGIN_ID(sign, plugin),
		CLI_OPT(sign, keys, "key", CLI_LIST, 'k', "NAME", "signing key; the default key if not given; may be given again"),
		CLI_PLUGIN(sign, plugin),
		CLI_PLUGIN_CONFIG(sign, plugin),
		CLI_OPT(sign, format, "signature-format", CLI_TEXT, 0, "FORMAT", "jws or cose; if not given what config.json says, else jws"),
		CLI_TIMESTAMP_ROOT(sign, timestamping),
		CLI_TIMESTAMP_TIMEOUT(sign, timestamping),
		CLI_TIMESTAMP_URL(sign, timestamping),
		CLI_OPT(sign, metadata, "user-metadata", CLI_LIST, 'm', "KEY=VALUE", "put this into what is signed"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
