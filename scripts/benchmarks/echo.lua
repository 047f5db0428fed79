-- wrk's request: POST a body of BODY_BYTES bytes to /echo.
wrk.method = "POST"
wrk.path = "/echo"
wrk.headers["Content-Type"] = "application/octet-stream"
wrk.body = string.rep("x", tonumber(os.getenv("BODY_BYTES")))
