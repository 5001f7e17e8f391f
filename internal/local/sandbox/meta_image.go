package sandbox

import (
	"bytes"
	"encoding/binary"
	"image"
	_ "image/gif"  // decoders for what a Page accepts
	_ "image/jpeg" //
	_ "image/png"  //
)

// imageInfo is what the bytes say they are.
type imageInfo struct {
	mime          string
	width, height int
}

// probe reads an image's type and size from its bytes: JPEG, PNG, GIF, BMP or TIFF, the types a Page's photo may
// have. A name or a content type is not asked. ok is false for anything else and for a picture that is cut off.
func probe(data []byte) (imageInfo, bool) {
	if cfg, format, err := image.DecodeConfig(bytes.NewReader(data)); err == nil {
		return imageInfo{"image/" + format, cfg.Width, cfg.Height}, cfg.Width > 0 && cfg.Height > 0 && complete(format, data)
	}
	if len(data) > 26 && data[0] == 'B' && data[1] == 'M' {
		w, h := int(int32(binary.LittleEndian.Uint32(data[18:]))), int(int32(binary.LittleEndian.Uint32(data[22:]))) //nolint:gosec // BMP sizes are signed; a negative height means top-down
		return imageInfo{"image/bmp", w, max(h, -h)}, w > 0 && h != 0 && int(binary.LittleEndian.Uint32(data[2:])) <= len(data)
	}
	if len(data) > 8 {
		switch string(data[:4]) {
		case "II*\x00":
			return probeTIFF(data, binary.LittleEndian)
		case "MM\x00*":
			return probeTIFF(data, binary.BigEndian)
		}
	}
	return imageInfo{}, false
}

// complete looks for the marker that ends a picture.
func complete(format string, data []byte) bool {
	switch format {
	case "jpeg":
		return bytes.LastIndex(data, []byte{0xFF, 0xD9}) > 0
	case "png":
		return bytes.Contains(data[max(0, len(data)-64):], []byte("IEND"))
	default: // gif
		return bytes.IndexByte(data[max(0, len(data)-64):], 0x3B) >= 0
	}
}

// probeTIFF reads width (tag 256) and height (tag 257) from the first directory.
func probeTIFF(data []byte, order binary.ByteOrder) (imageInfo, bool) {
	info := imageInfo{mime: "image/tiff"}
	at := int64(order.Uint32(data[4:]))
	if at+2 > int64(len(data)) {
		return info, false
	}
	for i := range int64(order.Uint16(data[at:])) {
		entry := at + 2 + 12*i
		if entry+12 > int64(len(data)) {
			return info, false
		}
		value := int(order.Uint32(data[entry+8:]))
		if order.Uint16(data[entry+2:]) == 3 { // a short lies in the first half of the field
			value = int(order.Uint16(data[entry+8:]))
		}
		switch order.Uint16(data[entry:]) {
		case 256:
			info.width = value
		case 257:
			info.height = value
		}
	}
	return info, info.width > 0 && info.height > 0
}
