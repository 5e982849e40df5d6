// SPDX-License-Identifier: Apache-2.0

// The Notary Project's own library, for what its program does not have in every release: blobs. A request is one line of
// standard input, fields with tabs between, and its answer one line of standard output: "ok", or "no" and why.
//
//	sign KEY CERTIFICATES FORMAT TYPE FILE SIGNATURE EXPIRY [KEY=VALUE]...
//	stamp KEY CERTIFICATES FORMAT TYPE FILE SIGNATURE EXPIRY URL ROOT [KEY=VALUE]...
//	verify CONFIG FORMAT TYPE FILE SIGNATURE POLICY [KEY=VALUE]...
//	blob-policy FILE
//	oci-policy FILE
//
// What is not given is "-". EXPIRY is a duration, TYPE a media type, POLICY the name of a statement. stamp has the
// timestamping authority at URL, below the certificate ROOT, countersign.
package main

import (
	"bufio"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/notaryproject/notation-core-go/signature/cose"
	"github.com/notaryproject/notation-core-go/signature/jws"
	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/dir"
	"github.com/notaryproject/notation-go/signer"
	"github.com/notaryproject/notation-go/verifier"
	"github.com/notaryproject/notation-go/verifier/trustpolicy"
	"github.com/notaryproject/notation-go/verifier/truststore"
	"github.com/notaryproject/tspclient-go"
)

var formats = map[string]string{"jws": jws.MediaTypeEnvelope, "cose": cose.MediaTypeEnvelope}

var requests = map[string]struct {
	fields int // at the least
	run    func(f []string) error
}{
	"sign":        {7, sign},
	"stamp":       {9, stamp},
	"verify":      {6, verify},
	"blob-policy": {1, blobPolicy},
	"oci-policy":  {1, ociPolicy},
}

func metadata(pairs []string) map[string]string {
	m := map[string]string{}
	for _, pair := range pairs {
		key, value, _ := strings.Cut(pair, "=")
		m[key] = value
	}
	return m
}

func given(field string) string {
	if field == "-" {
		return ""
	}
	return field
}

func sign(f []string) error {
	return signBlob(f[:7], f[7:], notation.SignerSignOptions{})
}

func stamp(f []string) error {
	timestamper, err := tspclient.NewHTTPTimestamper(nil, f[7])
	if err != nil {
		return err
	}
	root, err := os.ReadFile(f[8])
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(root) {
		return errors.New("no certificate in " + f[8])
	}
	return signBlob(f[:7], f[9:], notation.SignerSignOptions{Timestamper: timestamper, TSARootCAs: roots})
}

func signBlob(f, pairs []string, how notation.SignerSignOptions) error {
	key, chain, format, mediaType, file, to, expiry := f[0], f[1], f[2], f[3], f[4], f[5], given(f[6])
	s, err := signer.NewGenericSignerFromFiles(key, chain)
	if err != nil {
		return err
	}
	opts := notation.SignBlobOptions{SignerSignOptions: how, ContentMediaType: mediaType, UserMetadata: metadata(pairs)}
	opts.SignatureMediaType = formats[format]
	if expiry != "" {
		if opts.ExpiryDuration, err = time.ParseDuration(expiry); err != nil {
			return err
		}
	}
	blob, err := os.Open(file)
	if err != nil {
		return err
	}
	defer blob.Close()
	made, _, err := notation.SignBlob(context.Background(), s, blob, opts)
	if err != nil {
		return err
	}
	return os.WriteFile(to, made, 0o644)
}

func read(path string, document any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, document)
}

func verify(f []string) error {
	config, format, mediaType, file, from, policy := f[0], f[1], given(f[2]), f[3], f[4], given(f[5])
	var document trustpolicy.BlobDocument
	if err := read(config+"/"+dir.PathBlobTrustPolicy, &document); err != nil {
		return err
	}
	if err := document.Validate(); err != nil {
		return err
	}
	v, err := verifier.NewVerifierWithOptions(truststore.NewX509TrustStore(dir.NewSysFS(config)),
		verifier.VerifierOptions{BlobTrustPolicy: &document})
	if err != nil {
		return err
	}
	blob, err := os.Open(file)
	if err != nil {
		return err
	}
	defer blob.Close()
	envelope, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	opts := notation.VerifyBlobOptions{ContentMediaType: mediaType}
	opts.SignatureMediaType = formats[format]
	opts.TrustPolicyName = policy
	opts.UserMetadata = metadata(f[6:])
	_, _, err = notation.VerifyBlob(context.Background(), v, blob, envelope, opts)
	return err
}

func blobPolicy(f []string) error {
	var document trustpolicy.BlobDocument
	if err := read(f[0], &document); err != nil {
		return err
	}
	return document.Validate()
}

func ociPolicy(f []string) error {
	var document trustpolicy.OCIDocument
	if err := read(f[0], &document); err != nil {
		return err
	}
	return document.Validate()
}

func answer(line string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("it panicked: %v", r)
		}
	}()
	fields := strings.Split(line, "\t")
	request, known := requests[fields[0]]
	if !known || len(fields)-1 < request.fields {
		return errors.New("no such request")
	}
	return request.run(fields[1:])
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if err := answer(lines.Text()); err != nil {
			fmt.Println("no", strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("ok")
		}
	}
}
