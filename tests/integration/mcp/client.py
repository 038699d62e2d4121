"""An independent client of the Model Context Protocol: does what the first argument says, writes JSON.

Usage: client.py URL TOKEN CALLS, where CALLS is a JSON list of [tool, arguments].
"""

import asyncio
import json
import sys

from mcp import ClientSession, MCPError
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client


async def call(session, tool, arguments):
    try:
        result = await session.call_tool(tool, arguments)
    except MCPError as error:
        return {"refused": str(error)}
    return {"error": bool(result.is_error), "text": "".join(block.text for block in result.content)}


async def main(url, token, calls):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with create_mcp_http_client(headers=headers) as http:
        async with streamable_http_client(url, http_client=http) as (read, write, *_):
            async with ClientSession(read, write) as session:
                about = await session.initialize()
                tools = (await session.list_tools()).tools
                answers = [await call(session, tool, arguments) for tool, arguments in calls]
    return {
        "server": about.server_info.name,
        "instructions": about.instructions,
        "tools": {tool.name: tool.annotations.read_only_hint for tool in tools},
        "answers": answers,
    }


if __name__ == "__main__":
    url, token, calls = sys.argv[1:]
    print(json.dumps(asyncio.run(main(url, token, json.loads(calls)))))
