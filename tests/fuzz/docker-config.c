/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/remote/credential_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static hm_err read_all(struct hm_cx *cx, struct hm_str text)
{
	static const struct hm_str registries[] = { HM_STR_INIT("docker.io"),
						    HM_STR_INIT("r.example"),
						    HM_STR_INIT("r.example:5000/team/app") };
	struct json config;
	struct hm_str helper;
	HM_TRY(json_parse(cx, text, JSON_NO_DUPLICATES, &config));
	for (size_t i = 0; i < HM_LEN(registries); i++) {
		HM_AUTO_SECRET again = { 0 };
		OCI_AUTO_CREDENTIAL c = { 0 };
		struct hm_str rest = registries[i], host = hm_cut(&rest, '/');
		HM_TRY(oci_credential_config_with(cx, config, host, NULL, &again));
		HM_TRY(json_parse(cx, hm_secret_str(&again), JSON_NO_DUPLICATES, &config));
		HM_TRY(oci_credential_helper(cx, config, registries[i], &helper));
		HM_TRY(oci_credential_parse(cx, config, registries[i], &c));
	}
	OCI_AUTO_CREDENTIAL told = { 0 };
	return oci_credential_answer(cx, text, &told);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	hm_err ignored = read_all(&cx, hm_bytes(data, size));
	(void)ignored;
	return 0;
}
