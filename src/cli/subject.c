/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/subject.h"

#include "trust/trust.h"

hm_err cli_subject_open(struct hm_cx *cx, struct cli *cli, const char *text, enum oci_mode mode,
			unsigned sorts, struct cli_subject *out)
{
	CLI_AUTO_SUBJECT s = { 0 };
	const struct oci_access *access;
	HM_TRY(oci_target_parse(cx, hm_cstr(text), &s.target));
	cli_notation_environment(cli);
	HM_TRY(cli_secret_for(cx, cli, &s.target));
	HM_TRY(cli_access(cx, cli, &access));
	HM_TRY(oci_open(cx, access, &s.target, mode, &s.place));
	if (sorts && s.target.digest.n)
		oci_referrers_ahead(cx, s.place, s.target.digest, trust_sorts_type(sorts));
	/* whoever wants signatures asks the registry for them, whatever is known already */
	HM_TRY(sorts && mode == OCI_READ ? oci_resolve_known(cx, s.place, HM_STR(""), &s.descriptor)
					 : oci_resolve(cx, s.place, HM_STR(""), &s.descriptor));
	s.name = oci_target_with_digest(cx, &s.target, s.descriptor.digest);
	if (!s.target.digest.n)
		hm_log(cx, HM_LOG_WARN, "a tag can be moved to something else; prefer the digest",
		       "tag", text, "digest", s.descriptor.digest.p, NULL);
	*out = s;
	s.place = NULL;
	return NULL;
}

char *const *cli_layout_args(struct hm_cx *cx, char *const *args, size_t n, bool layout)
{
	if (!layout)
		return args;
	char **texts = hm_new(cx, char *, n + 1);
	for (size_t i = 0; i < n; i++)
		texts[i] = hm_dupz(cx, hm_fmt(cx, "oci:%s", args[i]));
	return texts;
}

hm_err cli_pairs(struct hm_cx *cx, const char *what, const struct hm_strs *given,
		 struct oci_annotations *out)
{
	struct oci_annotations found = { 0 };
	for (size_t i = 0; i < given->n; i++) {
		struct hm_str value = given->p[i];
		struct hm_str key = hm_cut(&value, '=');
		if (!key.n || key.n == given->p[i].n)
			return hm_fail(cx, HM_USAGE, "%s \"%.*s\" is not of the form KEY=VALUE",
				       what, HM_FMT(given->p[i]));
		*hm_push(cx, &found) = (struct oci_annotation){ key, value };
	}
	*out = found;
	return NULL;
}

hm_err cli_metadata(struct hm_cx *cx, const struct hm_strs *given, struct oci_annotations *out)
{
	return cli_pairs(cx, "user metadata", given, out);
}

hm_err cli_expiry(struct hm_cx *cx, const char *text, int64_t *out)
{
	int64_t ns = 0;
	hm_err err = text ? hm_duration(cx, hm_cstr(text), &ns) : NULL;
	if (err || ns < 0 || ns % HM_SECOND || (text && !ns))
		return hm_fail(cx, HM_USAGE,
			       "--expiry \"%s\" is not a duration in whole seconds, such as 720h",
			       text);
	*out = ns / HM_SECOND;
	return NULL;
}

hm_err cli_signature_format(struct hm_cx *cx, const struct cli *cli, const char *given,
			    const struct envelope_format **out)
{
	struct hm_str names = { "", 0 }, name = hm_cstr(given);
	struct cli_notation_config config;
	if (!given) {
		HM_TRY(cli_notation_config(cx, cli->config_dir, &config));
		name = config.signature_format;
	}
	*out = envelope_format_by_name(name);
	if (*out)
		return NULL;
	for (const struct envelope_format *const *f = envelope_formats; *f; f++)
		if ((*f)->sign)
			names = hm_fmt(cx, "%.*s%s%s", HM_FMT(names), names.n ? ", " : "",
				       (*f)->name);
	return hm_fail(cx, HM_USAGE, "unknown signature format \"%.*s\": use one of %.*s",
		       HM_FMT(name), HM_FMT(names));
}
