#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# hullmark admit and the webhook give the same verdicts, with rule, reason and remedy.
. "$(dirname "$0")/../lib.sh"
. "$PROJECT/tests/gate.bash"
need openssl curl

gate_server
if ! gate_images; then
	not_ok "images of every sort are made" "$(tail -n 5 "$T/server.log")"
	done_testing
	exit
fi

exits 0 "the released image is admitted" hm admit "$released"
like "and the table says so" "$out" 'admitted'
exits 0 "the released index is admitted" hm admit "$index"
exits 0 "both at once are admitted" hm admit "$released" "$index"
declare -A rule=([unsigned]=signed [bare]=signed [no_report]=report [no_sbom]=sbom [loose]=sbom [tampered]=signed)
for name in unsigned bare no_report no_sbom loose tampered; do
	refuses 3 "denied by rule \"${rule[$name]}\"" "$name is denied" hm admit "${!name}"
	refuses 3 "denied by rule \"${rule[$name]}\"" "$name among good ones is denied" hm admit "$released" "${!name}"
done
hm admit "$no_report" >"$T/out" 2>&1
like "the rule is named" "$(<"$T/out")" 'denied by rule "report"'
like "the remedy is a command" "$(<"$T/out")" "remedy: hullmark release $no_report --to"
refuses 3 'denied by rule "reference": .*digest' "a tag is denied" hm admit "${released%@*}:released"
exits 0 "a tag is looked up where that is wanted" hm admit --allow-tags "${released%@*}:released"
refuses 3 'denied by rule "image": .*the registry has no' "an image that is not there is denied" hm admit "${released%@*}@sha256:$(printf 0%.0s {1..64})"
refuses 3 'denied by rule "reference"' "what is no reference is denied" hm admit "UPPER/case@sha256:1"
refuses 3 'denied by rule "reference": .*is not an image in a registry' "a file is no image" hm admit "oci:$T/images:released"
refuses 1 '127\.0\.0\.1:1/.*onnect' "a registry that does not answer decides nothing" hm admit "127.0.0.1:1/x/y@${released#*@}"
exits 0 "signed is enough where only that is asked" hm admit --policy signed "$no_report"
refuses 3 'denied by rule "signed"' "evidence is not enough where only signatures are asked" hm admit --policy signed "$unsigned"
exits 0 "evidence is enough where only that is asked" hm admit --policy evidence "$unsigned"
exits 0 "a report of today is young enough" hm admit --max-age 24h "$released"
refuses 3 'denied by rule "report-severity": .*critical, .*low is the worst that is allowed' "the worst severity counts" hm admit --max-severity low "$released"
exits 0 "critical vulnerabilities may be allowed" hm admit --max-severity critical "$released"
refuses 2 '--max-severity "worst": not one of' "a severity that does not exist" hm admit --max-severity worst "$released"
refuses 2 '--max-age "soon": not a duration' "a duration that is none" hm admit --max-age soon "$released"
refuses 2 'admit needs REF' "no image at all" hm admit

cat >"$T/good.yaml" <<YAML
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop}
spec: {containers: [{name: a, image: "$released"}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: b}
spec:
  template:
    spec:
      initContainers: [{name: i, image: "$released"}]
      containers: [{name: b, image: "$index"}]
---
apiVersion: v1
kind: Service
metadata: {name: c}
YAML
sed "s|image: \"$index\"|image: \"$bare\"|" "$T/good.yaml" >"$T/bad.yaml"
exits 0 "all images of a YAML stream" hm admit "$T/good.yaml"
refuses 3 'denied by rule "signed"' "one bad image of a YAML stream" hm admit "$T/bad.yaml"
on_input() { "$HULLMARK" admit --ca-file "$CA" - <"$1" >"$T/.out" 2>"$T/.err"; }
on_input "$T/good.yaml"
is "objects on standard input" "$?" 0
on_input "$T/bad.yaml"
is "a bad one among them" "$?" 3
like "is denied" "$(<"$T/.out")" 'denied'
exits 0 "an exempt namespace" hm admit --exempt-namespace 'de*' --namespace default "$T/bad.yaml"
hm admit -o json "$T/bad.yaml" >"$T/out.json" 2>/dev/null
like "JSON carries the schema" "$(<"$T/out.json")" '"schema": *"hullmark.admit/1"'
like "JSON says no" "$(<"$T/out.json")" '"admitted": *false'
like "JSON names the object" "$(<"$T/out.json")" 'Deployment/b'
printf 'kind: Pod\nspec: {containers: [{name: x}]}\n' >"$T/broken.yaml"
refuses 1 'containers: a container has no image' "a pod without image" hm admit "$T/broken.yaml"
printf 'kind: [\n' >"$T/broken.yaml"
refuses 1 'broken\.yaml": YAML: line [0-9]+: ' "YAML that is none" hm admit "$T/broken.yaml"
refuses 1 'no file ".*none\.yaml"' "a file that is not there" hm admit "$T/none.yaml"

# The same by the webhook.
review() { # IMAGE [OPERATION] [NAMESPACE]
	ask /admit "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{\"uid\":\"u-1\",\"operation\":\"${2:-CREATE}\",\"namespace\":\"${3:-default}\",\"object\":{\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"image\":\"$1\"}]}}}}"
}
like "the webhook admits" "$(review "$released")" '"uid":"u-1","allowed":true'
for name in unsigned bare no_report no_sbom loose tampered; do
	like "the webhook denies: $name" "$(review "${!name}")" '"uid":"u-1","allowed":false,"status":\{.*"code":403'
done
like "deletion is not judged" "$(review "$bare" DELETE)" '"allowed":true'
like "a registry that does not answer: not admitted, to be tried again" "$(review "127.0.0.1:1/x/y@${released#*@}")" '"allowed":false,.*"code":503'
like "a pod that is none is denied" "$(review "" | tr -d '\n')" '"allowed":false,.*a container has no image'
is "a review that is none is a bad request" "$(curl -s -o /dev/null -w '%{http_code}' --cacert "$CA" --data '{}' "https://$gate/admit")" 400
is "so is what is not JSON" "$(curl -s -o /dev/null -w '%{http_code}' --cacert "$CA" --data 'x' "https://$gate/admit")" 400
like "TLS below 1.3 is refused" "$(curl -sS --tls-max 1.2 --cacert "$CA" "https://$gate/admit" 2>&1)" 'alert protocol version'

# The provider.
keys() { printf '{"apiVersion":"externaldata.gatekeeper.sh/v1beta1","kind":"ProviderRequest","request":{"keys":[%s]}}' "$1"; }
answer=$(ask /ratify/gatekeeper/v1/verify "$(keys "\"$released\",\"[shop]$bare\"")")
like "the provider answers each key" "$answer" "\"key\":\"$released\",\"value\":\{.*\"isSuccess\":true.*\"key\":\"\[shop\]$bare\",\"value\":\{.*\"isSuccess\":false"
like "verification is not idempotent" "$answer" '"idempotent":false'
is "a warm answer is the same" "$(ask /ratify/gatekeeper/v1/verify "$(keys "\"$released\"")")" "$(ask /ratify/gatekeeper/v1/verify "$(keys "\"$released\"")")"
answer=$(ask /ratify/gatekeeper/v1/mutate "$(keys "\"${released%@*}:released\",\"$index\",\"${released%@*}:none\"")")
like "a tag becomes a digest" "$answer" "\"idempotent\":true,.*\"value\":\"$released\",\"error\":\"\""
like "a digest stays" "$answer" "\"value\":\"$index\""
like "a tag that is not there is an error" "$answer" '"value":null,"error":"[^"]'
like "a request that is none is a system error" "$(ask /ratify/gatekeeper/v1/verify '{"kind":"x"}')" '"systemError":"[^"]'

# A signature by nobody: what it says is told, but steers no terminal.
header=$(printf '{"alg":"\\u001b[31mX","cty":"x"}' | base64 -w 0 | tr '+/' '-_' | tr -d =)
printf '{"payload":"e30","protected":"%s","header":{},"signature":"YQ"}' "$header" >"$T/nobody.json"
check "a signature that is none is attached" hm attach "$bare" "$T/nobody.json:application/jose+json" --artifact-type application/vnd.cncf.notary.signature
refuses 3 'denied by rule "signed": .*algorithm "\\x1b\[31mX" is not supported' "it does not count" hm admit "$bare"
unlike "without its escapes" "$out" $'\033'

# What was fetched earlier is taken from the cache, and said so; --fresh does without.
loud() { "$HULLMARK" admit --ca-file "$CA" -v "$@"; }
exits 0 "what was fetched earlier is used" loud "$released"
like "and -v says so" "$err" 'was fetched earlier, and is not asked for again'
exits 0 "all is fetched again" loud --fresh "$released"
unlike "and nothing is from earlier" "$err" 'was fetched earlier'
sbom=$(evidence "$released" application/spdx+json)
blob=$(curl -sS --cacert "$CA" -H 'Accept: application/vnd.oci.image.manifest.v1+json' "https://$registry/v2/shop/web/manifests/$sbom" |
	grep -o '"layers":\[{[^]]*' | grep -o 'sha256:[0-9a-f]*')
find "$T/server" -name "${blob#sha256:}" -delete
exits 0 "an SBOM that is gone is still here" hm admit "$released"
refuses 3 'denied by rule "sbom": .* has no "sha256:' "but not where it is asked for again" hm admit --fresh "$released"

# A restart is warm: the verdict is there without the registry having been asked.
unlike "a verdict of now does not say that it is kept" "$(review "$released")" 'kept'
unlike "nor does the provider" "$(ask /ratify/gatekeeper/v1/verify "$(keys "\"$released\"")")" '"kept"'
stop_server "$server"
rm -rf "$T/server/repos"
gate_flags=(-v)
gate_server
answer=$(review "$released")
like "after a restart the verdict is known without a registry" "$answer" '"allowed":true'
like "and says that it is of an earlier process" "$answer" \
	"\"auditAnnotations\":\{\"kept\":\"image .*${released#*@}.* was decided by an earlier process at 20[0-9-]+T[0-9:]+Z\"\}"
like "as the provider does" "$(ask /ratify/gatekeeper/v1/verify "$(keys "\"$released\"")")" \
	'"isSuccess":true,.*"kept":"decided by an earlier process at 20[0-9-]+T[0-9:]+Z"\}'
like "and the log" "$(<"$T/server.log")" "decided by an earlier process.*${released#*@}"
like "what was denied is judged anew" "$(review "$bare")" '"allowed":false,.*denied by rule'
unlike "and is of now" "$(review "$bare")" 'kept'
done_testing
