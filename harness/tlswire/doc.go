// Package tlswire reads TLS 1.2 and 1.3 as they are on the wire: records and
// their protection, handshake messages, extensions and alerts.
//
// For most uses, cut the wire into records with [ParseRecord], take off their
// protection with a [Protection], and hand each whole handshake message to
// [ParseHandshake]. [MessageFields] describes every byte of a message to a
// person. The names of versions, cipher suites, groups, signature schemes,
// extensions and alerts are those of the RFCs and of IANA's registries.
//
// The parsers are pure and safe for concurrent use. They read what a broken or
// hostile peer sends as far as it makes sense, and say where they stopped.
//
// The package keeps no connection state: it neither reassembles messages from
// records nor knows which message may come next, and so tells the key exchanges
// of TLS 1.2 apart by what fits. The messages of DTLS have no layout here.
package tlswire
