-- Sends the bodies of a file, one after another; each line is one body. Arguments: file, content type, token, skip, and
-- for how many milliseconds a connection pauses before each request on average.
local bodies, position, headers = {}, 0, {}

function init(arguments)
  local file, skip = arguments[1], tonumber(arguments[4])
  headers["Content-Type"] = arguments[2]
  if arguments[3] ~= "-" then headers["Authorization"] = "Bearer " .. arguments[3] end
  local pause = tonumber(arguments[5])
  if pause > 0 then
    function delay() return math.floor(-pause * math.log(1 - math.random()) + 0.5) end
  end
  for line in io.lines(file) do
    if skip > 0 then skip = skip - 1 else bodies[#bodies + 1] = line end
  end
end

function request()
  position = position % #bodies + 1
  return wrk.format("POST", nil, headers, bodies[position])
end

function done(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
