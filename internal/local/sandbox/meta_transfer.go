package sandbox

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// metaTransfer is what a request to one of Meta's upload hosts says: headers "Authorization: OAuth <token>", offset and
// file_size. https://developers.facebook.com/documentation/video-api/guides/reels-publishing
type metaTransfer struct {
	token        *metaToken
	named        bool // with the prefix that these hosts want
	numbers      bool // offset and file_size can be read
	offset, size int64
}

// transfer reads the headers. The lock is held.
func (m *meta) transfer(r *http.Request) (metaTransfer, *answer) {
	raw, named := strings.CutPrefix(r.Header.Get("Authorization"), "OAuth ")
	offset, badOffset := strconv.ParseInt(r.Header.Get("Offset"), 10, 64)
	size, badSize := strconv.ParseInt(r.Header.Get("File_size"), 10, 64)
	t, gerr := m.find(raw)
	if gerr == nil {
		gerr = m.check(t, m.sb.clock())
	}
	if gerr != nil {
		a := gerr.answer()
		return metaTransfer{}, &a
	}
	return metaTransfer{t, named, badOffset == nil && badSize == nil && offset >= 0 && size > 0, offset, size}, nil
}

// metaTarget is what the host knows of the upload that is to go on.
type metaTarget struct {
	may            bool // the token may upload it
	open           bool
	size, received int64 // size: 0 until the first request named it
	most           int64 // 0 = no limit
}

// refuse says what is wrong with a transfer; nil = nothing.
func (x metaTransfer) refuse(to metaTarget) *answer {
	refuse := func(status int, kind, message string) *answer {
		a := uploadErr(status, kind, message)
		return &a
	}
	switch {
	case !x.named || !to.may:
		return refuse(http.StatusForbidden, "NotAuthorizedError", "The token may not upload this video.")
	case !x.numbers:
		return refuse(http.StatusBadRequest, "InvalidParametersError", "The headers offset and file_size must be numbers.")
	case !to.open:
		return refuse(http.StatusBadRequest, "InvalidParametersError", "The upload session has ended.")
	case to.most != 0 && x.size > to.most:
		return refuse(http.StatusBadRequest, "ProcessingFailedError", "The video is too large.")
	case to.size != 0 && to.size != x.size:
		return refuse(http.StatusBadRequest, "InvalidParametersError", "The file_size differs from the first request's.")
	case x.offset != to.received:
		return refuse(http.StatusBadRequest, "OffsetInvalidError", "The offset must be "+strconv.FormatInt(to.received, 10)+".")
	}
	return nil
}

// receiveVideo stores the body of a transfer; nil = it ended well, which does not mean that nothing is missing.
func receiveVideo(r *http.Request, offset int64, keep func(offset int64, data []byte) bool) *answer {
	a := uploadErr(http.StatusBadRequest, "PartialRequestError", "The request ended early.")
	switch _, err := readPieces(r.Body, offset, keep); {
	case err == nil:
		return nil
	case errors.Is(err, errNotNext):
		drain(r)
		a = uploadErr(http.StatusBadRequest, "OffsetInvalidError", "Another upload is under way, or there are too many bytes.")
	}
	return &a
}
