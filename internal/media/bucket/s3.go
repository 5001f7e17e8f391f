// Package bucket keeps uploaded files in S3.
package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/herald-publishing/herald/internal/media"
)

// S3 implements media.Bucket, and opens ranges for the publisher.
type S3 struct {
	client *s3.Client
	signer *s3.PresignClient
	bucket string
}

var _ media.Bucket = (*S3)(nil)

// New makes one. origin is where a browser reaches the bucket; it only counts where the AWS configuration names
// an endpoint of its own (AWS_ENDPOINT_URL), because a signature holds for one host.
func New(cfg aws.Config, bucket, origin string) *S3 {
	client := s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		o.UsePathStyle = cfg.BaseEndpoint != nil
	})
	signer := s3.NewPresignClient(client, func(o *s3.PresignOptions) {
		if cfg.BaseEndpoint != nil && origin != "" {
			o.ClientOptions = append(o.ClientOptions, func(o *s3.Options) { o.BaseEndpoint = &origin })
		}
	})
	return &S3{client: client, signer: signer, bucket: bucket}
}

// SignPut implements media.Bucket. Type and length are part of the signature, so the bucket refuses any other.
func (b *S3) SignPut(ctx context.Context, key, contentType string, size int64, life time.Duration) (media.Upload, error) {
	r, err := b.signer.PresignPutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.bucket, Key: &key, ContentType: &contentType, ContentLength: &size,
	}, s3.WithPresignExpires(life))
	if err != nil {
		return media.Upload{}, fmt.Errorf("bucket: sign: %w", err)
	}
	headers := map[string]string{}
	for name, values := range r.SignedHeader {
		if !strings.EqualFold(name, "Host") && len(values) > 0 {
			headers[http.CanonicalHeaderKey(name)] = values[0]
		}
	}
	return media.Upload{URL: r.URL, Method: r.Method, Headers: headers}, nil
}

// SignGet implements media.Bucket.
func (b *S3) SignGet(ctx context.Context, key, name string, life time.Duration) (string, error) {
	disposition := mime.FormatMediaType("inline", map[string]string{"filename": name})
	in := &s3.GetObjectInput{Bucket: &b.bucket, Key: &key}
	if disposition != "" {
		in.ResponseContentDisposition = &disposition
	}
	r, err := b.signer.PresignGetObject(ctx, in, s3.WithPresignExpires(life))
	if err != nil {
		return "", fmt.Errorf("bucket: sign: %w", err)
	}
	return r.URL, nil
}

// Head implements media.Bucket.
func (b *S3) Head(ctx context.Context, key string) (size int64, etag string, err error) {
	r, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.bucket, Key: &key})
	if absent(err) {
		return 0, "", media.ErrNoObject
	}
	if err != nil {
		return 0, "", fmt.Errorf("bucket: head: %w", err)
	}
	return aws.ToInt64(r.ContentLength), aws.ToString(r.ETag), nil
}

// Open implements media.Bucket and publish.Files.
func (b *S3) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	in := &s3.GetObjectInput{Bucket: &b.bucket, Key: &key}
	switch {
	case length == 0:
		return http.NoBody, nil
	case length > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	case offset > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", offset))
	}
	r, err := b.client.GetObject(ctx, in)
	if absent(err) {
		return nil, media.ErrNoObject
	}
	if err != nil {
		return nil, fmt.Errorf("bucket: get: %w", err)
	}
	return r.Body, nil
}

// Copy implements media.Bucket.
func (b *S3) Copy(ctx context.Context, from, etag, to, contentType string) error {
	_, err := b.client.CopyObject(ctx, &s3.CopyObjectInput{
		Bucket: &b.bucket, Key: &to, CopySource: aws.String(b.bucket + "/" + (&url.URL{Path: from}).EscapedPath()), CopySourceIfMatch: &etag,
		ContentType: &contentType, MetadataDirective: types.MetadataDirectiveReplace,
	})
	if err != nil {
		return fmt.Errorf("bucket: copy: %w", err)
	}
	return nil
}

// Delete implements media.Bucket. Deleting what is gone is a success.
func (b *S3) Delete(ctx context.Context, key string) error {
	if _, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.bucket, Key: &key}); err != nil {
		return fmt.Errorf("bucket: delete: %w", err)
	}
	return nil
}

func absent(err error) bool {
	var e smithy.APIError
	if !errors.As(err, &e) {
		return false
	}
	switch e.ErrorCode() {
	case "NotFound", "NoSuchKey", "404":
		return true
	default:
		return false
	}
}
