// Judges chains with Go's crypto/x509. Takes a JSON list of questions on standard input, writes a list of verdicts: "ok",
// or why not. Certificates that cannot be read are not there, as for a server that was sent them.
package main

import (
	"crypto/x509"
	"encoding/json"
	"os"
	"time"
)

type question struct {
	Leaf                   []byte
	Intermediates, Anchors [][]byte
	At                     int64
}

func main() {
	var questions []question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		panic(err)
	}
	verdicts := []string{}
	for _, asked := range questions {
		verdicts = append(verdicts, judge(asked))
	}
	if err := json.NewEncoder(os.Stdout).Encode(verdicts); err != nil {
		panic(err)
	}
}

func judge(asked question) string {
	leaf, err := x509.ParseCertificate(asked.Leaf)
	if err != nil {
		return err.Error()
	}
	_, err = leaf.Verify(x509.VerifyOptions{
		Roots:         pool(asked.Anchors),
		Intermediates: pool(asked.Intermediates),
		CurrentTime:   time.Unix(asked.At, 0),
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	if err != nil {
		return err.Error()
	}
	return "ok"
}

func pool(certificates [][]byte) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, der := range certificates {
		if certificate, err := x509.ParseCertificate(der); err == nil {
			pool.AddCert(certificate)
		}
	}
	return pool
}
